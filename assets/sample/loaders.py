"""The two boot loaders of the sample disc, byte by byte. Each greets, waits for a key and gives control back."""
import struct

GREETING = (
    "Isoscope sample disc\r\n"
    "\r\n"
    "This computer has started from it with {firmware}.\r\n"
    "There is no system on this disc: press a key to go on.\r\n"
)


def bios_loader():
    """2048 bytes for El Torito without emulation; loaded to 0000:7C00 and started in real mode."""
    load = 0x7C00
    # Bytes 8 to 63 are kept for the boot information table, which xorriso fills in.
    start = b"\xeb\x3e"                              # jmp    64
    setup = bytes.fromhex(
        "fa"                                         # cli
        "31c0 8ed8 8ec0 8ed0"                        # xor    ax, ax; mov ds, ax; mov es, ax; mov ss, ax
        "bc007c"                                     # mov    sp, 7C00h
        "fb fc"                                      # sti; cld
        "b80300 cd10"                                # mov    ax, 3; int 10h          80 x 25 characters, cleared
    )
    show = bytes.fromhex(
        "ac"                                         # next: lodsb
        "84c0 7409"                                  # test   al, al; jz wait
        "b40e bb0700 cd10"                           # mov    ah, 0Eh; mov bx, 7; int 10h
        "ebf2"                                       # jmp    next
        "31c0 cd16"                                  # wait: xor ax, ax; int 16h       a key
        "cd18"                                       # int    18h                      the next boot device
        "f4 ebfd"                                    # stop: hlt; jmp stop
    )
    before = 64 + len(setup)
    message = before + 3 + len(show)
    code = setup + b"\xbe" + struct.pack("<H", load + message) + show
    text = GREETING.format(firmware="a BIOS").encode("ascii") + b"\0"
    image = start.ljust(64, b"\0") + code + text
    assert len(image) <= 510
    return (image.ljust(510, b"\0") + b"\x55\xaa").ljust(2048, b"\0")


def uefi_application():
    """A PE32+ program for x86-64 of the subsystem EFI application (UEFI specification §2.1.1)."""
    section, page = 0x200, 0x1000
    code = bytes.fromhex(
        "53 4883ec30"                                # push   rbx; sub rsp, 30h
        "4889d3"                                     # mov    rbx, rdx                 the system table
        "488b4b40"                                   # mov    rcx, [rbx+40h]           ConOut
        "488d15 00000000"                            # lea    rdx, [rip+text]
        "ff5108"                                     # call   [rcx+8]                  OutputString
        "488b4b30 31d2 ff11"                         # mov    rcx, [rbx+30h]; xor edx, edx; call [rcx]   ConIn.Reset
        "488b4330 488b4010"                          # mov    rax, [rbx+30h]; mov rax, [rax+10h]         WaitForKey
        "4889442420"                                 # mov    [rsp+20h], rax
        "b901000000"                                 # mov    ecx, 1
        "488d542420 4c8d442428"                      # lea    rdx, [rsp+20h]; lea r8, [rsp+28h]
        "488b4360 ff5060"                            # mov    rax, [rbx+60h]; call [rax+60h]             WaitForEvent
        "31c0 4883c430 5b c3"                        # xor    eax, eax; add rsp, 30h; pop rbx; ret
    )
    lea_end = 5 + 3 + 4 + 7
    code = code.ljust((len(code) + 15) // 16 * 16, b"\xcc")
    code = code[:lea_end - 4] + struct.pack("<i", len(code) - lea_end) + code[lea_end:]
    text = code + (GREETING.format(firmware="UEFI") + "\0").encode("utf-16-le")
    # One block without a fixup: some firmware refuses programs without a relocation directory.
    relocations = struct.pack("<IIHH", page, 12, 0, 0)

    def padded(data):
        return data.ljust((len(data) + section - 1) // section * section, b"\0")

    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 2, 0, 0, 0, 240, 0x0022)
    directories = [(0, 0)] * 16
    directories[5] = (2 * page, len(relocations))
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        0x20B, 1, 0, len(padded(text)), len(padded(relocations)), 0, page, page,
        0, page, section, 0, 0, 0, 1, 0, 0, 0, 3 * page, section, 0, 10, 0x0140,
        0x10000, 0x1000, 0x10000, 0x1000, 0, 16,
    ) + b"".join(struct.pack("<II", *entry) for entry in directories)

    def header(name, data, address, offset, flags):
        return struct.pack("<8sIIIIIIHHI", name, len(data), address, len(padded(data)), offset, 0, 0, 0, 0, flags)

    sections = header(b".text", text, page, section, 0x60000020)
    sections += header(b".reloc", relocations, 2 * page, section + len(padded(text)), 0x42000040)
    image = bytearray(padded(dos + coff + optional + sections) + padded(text) + padded(relocations))
    # The checksum of the optional header: the sum of all 16-bit words with carries, plus the length.
    total = sum(struct.unpack(f"<{len(image) // 2}H", image))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("<I", image, 64 + 24 + 64, total + len(image))
    return bytes(image)
