//! The variables that EDK2 keeps in flash memory, changed from outside: so a computer has been told of certificates and of
//! what is revoked (EDK2, `MdeModulePkg/Include/Guid/VariableFormat.h`).

/// A GUID as it is stored (UEFI 2.10 appendix A).
pub type Guid = [u8; 16];

/// `EFI_IMAGE_SECURITY_DATABASE_GUID`, to which `db` and `dbx` belong.
pub const SECURITY_DATABASE: Guid = guid(0xd719_b2cb, 0x3d3a, 0x4596, *b"\xa3\xbc\xda\xd0\x0e\x67\x65\x6f");

/// `SHIM_LOCK_GUID`, to which what shim keeps belongs.
pub const SHIM_LOCK: Guid = guid(0x605d_ab50, 0xe046, 0x4300, *b"\xab\xb6\x3d\xd8\x10\xdd\x8b\x23");

/// Kept, and for programs that run before the system: how shim keeps its level.
pub const FOR_LOADERS: u32 = 0x3;

/// The same, for the system too, and changed with a signature only: how the databases are kept.
pub const SIGNED: u32 = 0x27;

/// `EFI_CERT_X509_GUID` and `EFI_CERT_SHA256_GUID`: what a signature list has.
const CERTIFICATES: Guid = guid(0xa5c0_59a1, 0x94e4, 0x4aa7, *b"\x87\xb5\xab\x15\x5c\x2b\xf0\x72");
const DIGESTS: Guid = guid(0xc1c4_1626, 0x504c, 0x4092, *b"\xac\xa9\x41\xf9\x36\x93\x43\x28");

const fn guid(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Guid {
    let ([a, b, c, d], [e, f], [g, h]) = (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes());
    let [i, j, k, l, m, n, o, p] = rest;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// A list with one certificate.
pub fn certificate_list(certificate: &[u8]) -> Vec<u8> {
    list(CERTIFICATES, certificate)
}

/// A list with the SHA-256 of one program.
pub fn digest_list(digest: &[u8; 32]) -> Vec<u8> {
    list(DIGESTS, digest)
}

/// `EFI_SIGNATURE_LIST` with one entry that belongs to nobody (UEFI 2.10 §32.4.1).
fn list(kind: Guid, entry: &[u8]) -> Vec<u8> {
    let size = u32::try_from(16 + entry.len()).unwrap();
    let mut list = kind.to_vec();
    [28 + size, 0, size].iter().for_each(|number| list.extend(number.to_le_bytes()));
    list.extend([0; 16]);
    list.extend(entry);
    list
}

/// Before the variables: a header of the file system volume, whose length stands here, and one of the store.
const VOLUME_HEADER_LENGTH: usize = 0x30;
const STORE_HEADER: usize = 28;

/// `AUTHENTICATED_VARIABLE_HEADER`, and what it begins with.
const HEADER: usize = 60;
const START: [u8; 2] = [0xaa, 0x55];

/// The state of a variable that is there, and the bit that goes when it is deleted.
const ADDED: u8 = 0x3f;
const DELETED: u8 = 0xfd;

/// Gives a variable a value in the flash memory `flash`, whether it had one or not.
pub fn set(flash: &mut [u8], name: &str, vendor: Guid, attributes: u32, value: &[u8]) {
    let name: Vec<u8> = format!("{name}\0").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut at = usize::from(u16::from_le_bytes([flash[VOLUME_HEADER_LENGTH], flash[VOLUME_HEADER_LENGTH + 1]]));
    at += STORE_HEADER;
    while flash[at..].starts_with(&START) {
        let length = |field: usize| u32::from_le_bytes(*flash[at + field..].first_chunk().unwrap()) as usize;
        let (name_length, length) = (length(36), length(40));
        if flash[at + 44..at + 60] == vendor && flash[at + HEADER..][..name_length] == name[..] {
            flash[at + 2] &= DELETED;
        }
        at = (at + HEADER + name_length + length).next_multiple_of(4);
    }
    let mut variable = [&START[..], &[ADDED, 0]].concat();
    variable.extend(attributes.to_le_bytes());
    // A counter, a time and the place of a key, which are for those who change it with a signature.
    variable.extend([0; 8 + 16 + 4]);
    [name.len(), value.len()].iter().for_each(|length| variable.extend(u32::try_from(*length).unwrap().to_le_bytes()));
    variable.extend([&vendor[..], &name, value].concat());
    assert!(flash[at..][..variable.len()].iter().all(|byte| *byte == 0xff), "The flash memory is full");
    flash[at..][..variable.len()].copy_from_slice(&variable);
}
