//! EFI programs that say over the console of the firmware that they have started, and give back control with an error, so
//! that the firmware goes on to the next medium: one computer tries many.

use super::efi::Program;

/// `EFI_NOT_FOUND`, in the lower bits of a status.
const NOT_FOUND: u8 = 14;

/// A kind of processor for which there is such a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    Ia32,
    X64,
    Arm64,
}

impl Processor {
    /// The field `Machine` of its programs.
    pub fn machine(self) -> u16 {
        match self {
            Self::Ia32 => 0x14c,
            Self::X64 => 0x8664,
            Self::Arm64 => 0xaa64,
        }
    }

    /// The end of the name under which firmware looks for a program.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Ia32 => "ia32",
            Self::X64 => "x64",
            Self::Arm64 => "aa64",
        }
    }
}

/// A program that says `text`: it hands the text to `OutputString` of `SystemTable->ConOut` (UEFI 2.10 §4.3 and §12.4).
pub fn that_says(processor: Processor, text: &str) -> Vec<u8> {
    with_subsystem(processor, text, 10)
}

/// The same, marked as another kind of program.
pub fn with_subsystem(processor: Processor, text: &str, subsystem: u16) -> Vec<u8> {
    build(processor, text, subsystem, Vec::new())
}

/// The same with further sections.
pub fn with_sections(processor: Processor, text: &str, sections: Vec<(&'static str, Vec<u8>)>) -> Vec<u8> {
    build(processor, text, 10, sections)
}

fn build(processor: Processor, text: &str, subsystem: u16, more: Vec<(&'static str, Vec<u8>)>) -> Vec<u8> {
    let mut code = code(processor);
    code.extend(format!("{text}\r\n\0").encode_utf16().flat_map(u16::to_le_bytes));
    let plus = processor != Processor::Ia32;
    let sections = [vec![(".text", code)], more].concat();
    let program = Program { machine: processor.machine(), plus, subsystem, sections };
    let address = program.address_of(0).to_le_bytes();
    let mut bytes = program.build();
    // The entry point, and a section that may be executed.
    bytes[104..108].copy_from_slice(&address);
    let flags = 88 + if plus { 240 } else { 224 } + 36;
    bytes[flags..flags + 4].copy_from_slice(&0x6000_0020_u32.to_le_bytes());
    bytes
}

/// The instructions, behind which the text stands.
fn code(processor: Processor) -> Vec<u8> {
    match processor {
        Processor::Ia32 => [
            &[0x8b, 0x44, 0x24, 0x08][..],  // mov eax, [esp + 8]
            &[0x8b, 0x48, 0x2c],            // mov ecx, [eax + 44]
            &[0xe8, 0, 0, 0, 0],            // call . + 5
            &[0x83, 0x04, 0x24, 18],        // add dword [esp], 18
            &[0x51, 0xff, 0x51, 0x04],      // push ecx; call [ecx + 4]
            &[0x83, 0xc4, 0x08],            // add esp, 8
            &[0xb8, NOT_FOUND, 0, 0, 0x80], // mov eax, 0x8000_000e
            &[0xc3, 0x90],                  // ret; nop
        ]
        .concat(),
        Processor::X64 => [
            &[0x48, 0x83, 0xec, 0x28][..],                    // sub rsp, 40
            &[0x48, 0x8b, 0x4a, 0x40],                        // mov rcx, [rdx + 64]
            &[0x48, 0x8d, 0x15, 18, 0, 0, 0],                 // lea rdx, [rip + 18]
            &[0xff, 0x51, 0x08],                              // call [rcx + 8]
            &[0x48, 0xb8, NOT_FOUND, 0, 0, 0, 0, 0, 0, 0x80], // mov rax, 0x8000_0000_0000_000e
            &[0x48, 0x83, 0xc4, 0x28, 0xc3],                  // add rsp, 40; ret
        ]
        .concat(),
        Processor::Arm64 => [
            0xa9bf_7bfd_u32,                         // stp x29, x30, [sp, #-16]!
            0xf940_2020,                             // ldr x0, [x1, #64]
            0x1000_00e1,                             // adr x1, . + 28
            0xf940_0408,                             // ldr x8, [x0, #8]
            0xd63f_0100,                             // blr x8
            0xd280_0000 | u32::from(NOT_FOUND) << 5, // mov x0, #14
            0xf2f0_0000,                             // movk x0, #0x8000, lsl #48
            0xa8c1_7bfd,                             // ldp x29, x30, [sp], #16
            0xd65f_03c0,                             // ret
        ]
        .map(u32::to_le_bytes)
        .concat(),
    }
}
