//! The types of partitions as words: what occurs on discs and images for USB sticks, and what common systems use.

use super::gpt::Guid;

/// MBR type bytes. There is no standard but use; the names are those of util-linux, Windows and FreeBSD.
const MBR: &[(u8, &str)] = &[
    (0x00, "no type"),
    (0x01, "FAT12"),
    (0x04, "FAT16, up to 32 MB"),
    (0x05, "extended partition"),
    (0x06, "FAT16"),
    (0x07, "NTFS or exFAT"),
    (0x0b, "FAT32"),
    (0x0c, "FAT32 (LBA)"),
    (0x0e, "FAT16 (LBA)"),
    (0x0f, "extended partition (LBA)"),
    (0x11, "hidden FAT12"),
    (0x12, "recovery or diagnostics"),
    (0x14, "hidden FAT16, up to 32 MB"),
    (0x16, "hidden FAT16"),
    (0x17, "hidden NTFS or disc (isohybrid)"),
    (0x1b, "hidden FAT32"),
    (0x1c, "hidden FAT32 (LBA)"),
    (0x1e, "hidden FAT16 (LBA)"),
    (0x27, "Windows recovery"),
    (0x39, "Plan 9"),
    (0x41, "PowerPC PReP boot"),
    (0x42, "Windows dynamic disk"),
    (0x63, "Unix System V"),
    (0x82, "Linux swap"),
    (0x83, "Linux"),
    (0x84, "hibernation"),
    (0x85, "Linux extended partition"),
    (0x88, "Linux plain text"),
    (0x8e, "Linux LVM"),
    (0x96, "ISO 9660 (CHRP)"),
    (0xa0, "hibernation"),
    (0xa5, "FreeBSD"),
    (0xa6, "OpenBSD"),
    (0xa8, "macOS UFS"),
    (0xa9, "NetBSD"),
    (0xab, "macOS boot"),
    (0xaf, "HFS or HFS+"),
    (0xb7, "BSD/OS"),
    (0xbe, "Solaris boot"),
    (0xbf, "Solaris"),
    (0xcd, "ISO 9660 (isohybrid)"),
    (0xda, "data without a file system"),
    (0xde, "Dell diagnostics"),
    (0xea, "Linux boot"),
    (0xeb, "BeOS BFS"),
    (0xee, "GPT protective"),
    (0xef, "EFI system partition"),
    (0xf0, "PA-RISC boot (PALO)"),
    (0xfb, "VMware VMFS"),
    (0xfc, "VMware swap"),
    (0xfd, "Linux RAID"),
];

/// The type byte of an MBR entry in words.
pub fn of_mbr(kind: u8) -> &'static str {
    MBR.iter().find(|(known, _)| *known == kind).map_or("unknown type", |(_, name)| name)
}

/// True for type bytes that have a meaning.
pub fn is_known_mbr(kind: u8) -> bool {
    MBR.iter().any(|(known, _)| *known == kind)
}

/// GPT type GUIDs: UEFI 2.10 §5.3.3, the Discoverable Partitions Specification, Microsoft, Apple and the BSDs.
const GPT: &[(&str, &str)] = &[
    ("024dee41-33e7-11d3-9d69-0008c781f39f", "MBR partition scheme"),
    ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system partition"),
    ("21686148-6449-6e6f-744e-656564454649", "BIOS boot partition"),
    ("bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux extended boot"),
    ("9e1a2d38-c612-4316-aa26-8b49521e5a8b", "PowerPC PReP boot"),
    ("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "basic data"),
    ("e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved"),
    ("de94bba4-06d1-4d40-a16a-bfd50179d6ac", "Windows recovery"),
    ("5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "Windows dynamic disk metadata"),
    ("af9b60a0-1431-4f62-bc68-3311714a69ad", "Windows dynamic disk data"),
    ("e75caf8f-f680-4cee-afa3-b001e56efc2d", "Windows Storage Spaces"),
    ("0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux data"),
    ("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"),
    ("4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)"),
    ("44479540-f297-41b2-9af7-d131d5f0458a", "Linux root (x86)"),
    ("b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (ARM64)"),
    ("69dad710-2ce4-4e3c-b16c-21a1d49abed3", "Linux root (ARM)"),
    ("72ec70a6-cf74-40e6-bd49-4bda08e8f224", "Linux root (RISC-V 64)"),
    ("8484680c-9521-48c6-9c11-b0720656f69e", "Linux /usr (x86-64)"),
    ("933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux /home"),
    ("3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "Linux /srv"),
    ("4d21b016-b534-45c2-a9fb-5c16e091fd2d", "Linux /var"),
    ("a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID"),
    ("e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM"),
    ("ca7d7ccb-63ed-4c53-861c-1742536059cc", "Linux LUKS"),
    ("8da63339-0007-60c0-c436-083ac8230908", "Linux reserved"),
    ("3de21764-95bd-54bd-a5c3-4abe786f38a8", "U-Boot environment"),
    ("48465300-0000-11aa-aa11-00306543ecac", "HFS+"),
    ("7c3457ef-0000-11aa-aa11-00306543ecac", "APFS"),
    ("55465300-0000-11aa-aa11-00306543ecac", "macOS UFS"),
    ("52414944-0000-11aa-aa11-00306543ecac", "Apple RAID"),
    ("52414944-5f4f-11aa-aa11-00306543ecac", "Apple RAID, offline"),
    ("426f6f74-0000-11aa-aa11-00306543ecac", "macOS recovery"),
    ("4c616265-6c00-11aa-aa11-00306543ecac", "Apple label"),
    ("53746f72-6167-11aa-aa11-00306543ecac", "Apple Core Storage"),
    ("69646961-6700-11aa-aa11-00306543ecac", "Apple silicon boot"),
    ("83bd6b9d-7f41-11dc-be0b-001560b84f0f", "FreeBSD boot"),
    ("516e7cb4-6ecf-11d6-8ff8-00022d09712b", "FreeBSD disklabel"),
    ("516e7cb5-6ecf-11d6-8ff8-00022d09712b", "FreeBSD swap"),
    ("516e7cb6-6ecf-11d6-8ff8-00022d09712b", "FreeBSD UFS"),
    ("516e7cb8-6ecf-11d6-8ff8-00022d09712b", "FreeBSD Vinum"),
    ("516e7cba-6ecf-11d6-8ff8-00022d09712b", "FreeBSD ZFS"),
    ("824cc7a0-36a8-11e3-890a-952519ad3f61", "OpenBSD data"),
    ("49f48d5a-b10e-11dc-b99b-0019d1879648", "NetBSD FFS"),
    ("49f48d32-b10e-11dc-b99b-0019d1879648", "NetBSD swap"),
    ("6a82cb45-1dd2-11b2-99a6-080020736631", "Solaris boot"),
    ("6a898cc3-1dd2-11b2-99a6-080020736631", "ZFS"),
    ("fe3a2a5d-4f32-41a7-b725-accc3285a309", "ChromeOS kernel"),
    ("3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", "ChromeOS root"),
    ("cab6e88e-abf3-4102-a07a-d4bb9be3c1d3", "ChromeOS firmware"),
    ("2e0a753d-9e48-43b0-8337-b15192cb1b5e", "ChromeOS, for later use"),
    ("aa31e02a-400f-11db-9590-000c2911d1b8", "VMware VMFS"),
    ("9d275380-40ad-11db-bf97-000c2911d1b8", "VMware core dump"),
    ("42465331-3ba3-10f1-802a-4861696b7521", "Haiku BFS"),
];

/// The type GUID of a GPT entry in words.
pub fn of_gpt(kind: Guid) -> &'static str {
    let text = kind.to_string();
    GPT.iter().find(|(known, _)| *known == text).map_or("unknown type", |(_, name)| name)
}

/// Apple's types (Inside Macintosh: Devices, chapter 3), without regard to case, and their meaning in words.
const APM: &[(&str, &str)] = &[
    ("Apple_APFS", "APFS"),
    ("Apple_Boot", "macOS boot"),
    ("Apple_Bootstrap", "boot loader of Linux"),
    ("Apple_Driver", "driver"),
    ("Apple_Driver43", "driver"),
    ("Apple_Driver43_CD", "driver for CD-ROM drives"),
    ("Apple_Driver_ATA", "driver for ATA disks"),
    ("Apple_Driver_ATAPI", "driver for ATAPI drives"),
    ("Apple_Driver_IOKit", "driver"),
    ("Apple_Driver_OpenFirmware", "driver for Open Firmware"),
    ("Apple_Extra", "unused"),
    ("Apple_Free", "free space"),
    ("Apple_FWDriver", "driver for FireWire disks"),
    ("Apple_HFS", "HFS or HFS+"),
    ("Apple_HFSX", "HFSX"),
    ("Apple_Loader", "boot loader"),
    ("Apple_MFS", "MFS"),
    ("Apple_partition_map", "partition map"),
    ("Apple_Patches", "patches"),
    ("Apple_PRODOS", "ProDOS"),
    ("Apple_Rhapsody_UFS", "UFS"),
    ("Apple_Scratch", "empty"),
    ("Apple_UFS", "UFS"),
    ("Apple_UNIX_SVR2", "Unix, or Linux"),
    ("Apple_Void", "unused entry"),
    ("CD_partition_scheme", "tracks of a CD"),
    ("DOS_FAT_12", "FAT12"),
    ("DOS_FAT_16", "FAT16"),
    ("DOS_FAT_32", "FAT32"),
    ("ISO9660_data", "filler"),
    ("NetBSD/macppc", "NetBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Windows_FAT_16", "FAT16"),
    ("Windows_FAT_32", "FAT32"),
    ("Windows_NTFS", "NTFS"),
];

/// The type of an entry of an Apple partition map in words.
pub fn of_apm(kind: &str) -> &'static str {
    APM.iter().find(|(known, _)| known.eq_ignore_ascii_case(kind)).map_or("unknown type", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_listed_once_and_in_order() {
        assert!(MBR.is_sorted_by(|a, b| a.0 < b.0));
        assert!(APM.is_sorted_by(|a, b| a.0.to_ascii_lowercase() < b.0.to_ascii_lowercase()));
        for (number, (guid, _)) in GPT.iter().enumerate() {
            assert!(GPT.iter().skip(number + 1).all(|(other, _)| other != guid), "{guid}");
            assert!(guid.len() == 36 && !guid.contains(char::is_uppercase), "{guid}");
        }
    }

    #[test]
    fn types_have_words() {
        assert_eq!(of_mbr(0xef), "EFI system partition");
        assert_eq!(of_mbr(0x99), "unknown type");
        assert_eq!(of_apm("APPLE_HFS"), "HFS or HFS+");
        let esp = Guid([0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b]);
        assert_eq!(of_gpt(esp), "EFI system partition");
    }
}
