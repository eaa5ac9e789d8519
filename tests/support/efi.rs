//! EFI programs built byte by byte, small enough to be damaged everywhere.

/// What is to be built.
pub struct Program {
    /// The field `Machine`.
    pub machine: u16,
    /// PE32+ instead of PE32.
    pub plus: bool,
    /// The field `Subsystem`.
    pub subsystem: u16,
    /// Names, which may be long, and contents of the sections.
    pub sections: Vec<(&'static str, Vec<u8>)>,
}

/// Bytes to which sections are aligned in the file, and in memory.
const FILE: usize = 512;
const MEMORY: usize = 4096;

impl Default for Program {
    fn default() -> Self {
        Self { machine: 0x8664, plus: true, subsystem: 10, sections: vec![(".text", b"code".repeat(40))] }
    }
}

impl Program {
    /// A program with these sections.
    pub fn of(sections: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self { sections, ..Self::default() }
    }

    /// Where a section will lie in memory.
    pub fn address_of(&self, number: usize) -> u32 {
        let before = self.sections[..number].iter().map(|(_, bytes)| bytes.len().next_multiple_of(MEMORY));
        u32::try_from(MEMORY + before.sum::<usize>()).unwrap()
    }

    /// Its bytes.
    pub fn build(&self) -> Vec<u8> {
        let optional_len = if self.plus { 240 } else { 224 };
        let table = 64 + 24 + optional_len;
        let headers = (table + 40 * self.sections.len()).next_multiple_of(FILE);
        let mut bytes = vec![0; headers];
        let names: usize = self.sections.iter().map(|(_, section)| section.len().next_multiple_of(FILE)).sum();
        let mut strings = vec![0; 4];
        put(&mut bytes, 0, b"MZ");
        put(&mut bytes, 0x3c, &[64]);
        put(&mut bytes, 64, b"PE\0\0");
        put(&mut bytes, 68, &self.machine.to_le_bytes());
        put(&mut bytes, 70, &u16::try_from(self.sections.len()).unwrap().to_le_bytes());
        put(&mut bytes, 84, &u16::try_from(optional_len).unwrap().to_le_bytes());
        put(&mut bytes, 86, &[0x2e, 0x02]);
        let optional = 88;
        put(&mut bytes, optional, &(if self.plus { 0x20b_u16 } else { 0x10b }).to_le_bytes());
        let word = |bytes: &mut Vec<u8>, at, number: usize| {
            put(bytes, at, &u32::try_from(number).unwrap().to_le_bytes());
        };
        word(&mut bytes, optional + 32, MEMORY);
        word(&mut bytes, optional + 36, FILE);
        let memory = self.address_of(self.sections.len());
        word(&mut bytes, optional + 56, memory as usize);
        word(&mut bytes, optional + 60, headers);
        put(&mut bytes, optional + 68, &self.subsystem.to_le_bytes());
        let directories = optional + if self.plus { 112 } else { 96 };
        word(&mut bytes, directories - 4, 16);
        for (number, (name, section)) in self.sections.iter().enumerate() {
            let at = table + 40 * number;
            if name.len() > 8 {
                put(&mut bytes, at, format!("/{}", strings.len()).as_bytes());
                strings.extend(name.as_bytes());
                strings.push(0);
            } else {
                put(&mut bytes, at, name.as_bytes());
            }
            let (address, place) = (self.address_of(number), bytes.len());
            word(&mut bytes, at + 8, section.len());
            word(&mut bytes, at + 12, address as usize);
            word(&mut bytes, at + 16, section.len().next_multiple_of(FILE));
            word(&mut bytes, at + 20, place);
            word(&mut bytes, at + 36, 0x4000_0040);
            if *name == ".rsrc" {
                word(&mut bytes, directories + 16, address as usize);
                word(&mut bytes, directories + 20, section.len());
            }
            bytes.extend(section);
            bytes.resize(bytes.len().next_multiple_of(FILE), 0);
        }
        assert_eq!(bytes.len(), headers + names);
        if strings.len() > 4 {
            let (length, place) = (strings.len(), bytes.len());
            put(&mut strings, 0, &u32::try_from(length).unwrap().to_le_bytes());
            word(&mut bytes, 76, place);
            bytes.extend(strings);
        }
        bytes
    }
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

/// The resources of a program of Windows that was called `file`, for a section at `address` in memory. Those of boot
/// managers have a security version.
pub fn windows_resources(address: u32, file: &str, version: [u16; 4], security_version: Option<(u16, u16)>) -> Vec<u8> {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    // Of the same length.
    let name = if security_version.is_some() { "BOOTMGRSECURITYVERSIONNUMBER" } else { "MUI-MUI-MUI-MUI-MUI-MUI-MUI-" };
    let security_version = security_version.unwrap_or_default();
    let mut info = vec![0; 6];
    info.extend(utf16("VS_VERSION_INFO\0"));
    info.extend([0, 0]);
    info.extend(0xfeef_04bd_u32.to_le_bytes());
    info.extend(0x1_0000_u32.to_le_bytes());
    for at in [1, 0, 3, 2] {
        info.extend(version[at].to_le_bytes());
    }
    info.resize(120, 0);
    info.extend(utf16(&format!("OriginalFilename\0\0{file}\0")));
    // Each directory has a name, or a number, and one entry; data entries and strings stand behind them.
    let (kinds, rcdata, rcdata_name, version_kind, version_name) = (0_u32, 32, 56, 80, 104);
    let (rcdata_entry, version_entry, string, security, info_at) = (128_u32, 144, 160, 224, 228);
    let mut bytes = Vec::new();
    let directory = |bytes: &mut Vec<u8>, at: u32, named: u16, entries: &[(u32, u32)]| {
        assert_eq!(bytes.len(), at as usize);
        bytes.extend([0; 12]);
        bytes.extend(named.to_le_bytes());
        bytes.extend((u16::try_from(entries.len()).unwrap() - named).to_le_bytes());
        entries.iter().for_each(|(key, leads)| bytes.extend([key.to_le_bytes(), leads.to_le_bytes()].concat()));
    };
    let on = 0x8000_0000;
    directory(&mut bytes, kinds, 0, &[(10, on | rcdata), (16, on | version_kind)]);
    directory(&mut bytes, rcdata, 1, &[(on | string, on | rcdata_name)]);
    directory(&mut bytes, rcdata_name, 0, &[(1033, rcdata_entry)]);
    directory(&mut bytes, version_kind, 0, &[(1, on | version_name)]);
    directory(&mut bytes, version_name, 0, &[(1033, version_entry)]);
    for (place, length) in [(security, 4), (info_at, u32::try_from(info.len()).unwrap())] {
        bytes.extend([address + place, length, 0, 0].map(u32::to_le_bytes).concat());
    }
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend(utf16(name));
    bytes.resize(security as usize, 0);
    bytes.extend([security_version.1.to_le_bytes(), security_version.0.to_le_bytes()].concat());
    bytes.extend(info);
    bytes
}
