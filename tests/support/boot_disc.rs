//! A disc such as distributions give away: ISOLINUX for a BIOS, shim and GRUB as Debian signs them in a FAT image for UEFI,
//! and menus that start a kernel. Written by xorriso, mkfs.fat and mtools.

use std::path::{Path, PathBuf};

use super::discs;

pub const SHIM: &str = "/usr/lib/shim/shimx64.efi.signed";
pub const GRUB: &str = "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";

/// The kernel of the disc, which is none: its menus only have to find it.
pub const KERNEL: &str = "live/vmlinuz";

/// What the disc has.
pub struct BootDisc<'a> {
    /// Files of its FAT image: where they come from, and where they go.
    pub efi: &'a [(&'a str, &'a str)],
    /// Its files besides those of ISOLINUX.
    pub files: &'a [(&'a str, &'a [u8])],
}

impl BootDisc<'_> {
    /// Writes it to `folder`, under this name.
    pub fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let read = |from: &str| std::fs::read(from).unwrap_or_else(|error| panic!("{from}: {error}"));
        let efi: Vec<_> = self.efi.iter().map(|(from, to)| (*to, read(from))).collect();
        let efi: Vec<_> = efi.iter().map(|(to, bytes)| (*to, &bytes[..])).collect();
        let mut files = vec![
            ("isolinux/isolinux.bin", read("/usr/lib/ISOLINUX/isolinux.bin")),
            ("isolinux/ldlinux.c32", read("/usr/lib/syslinux/modules/bios/ldlinux.c32")),
            ("boot/grub/efi.img", discs::fat(folder, 8192, &efi)),
        ];
        files.extend(self.files.iter().map(|(path, bytes)| (*path, bytes.to_vec())));
        let options = ["-V", "TEST", "-isohybrid-mbr", "/usr/lib/ISOLINUX/isohdpfx.bin", "-b", "isolinux/isolinux.bin"]
            .into_iter()
            .chain(["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "-eltorito-alt-boot"])
            .chain(["-e", "boot/grub/efi.img", "-no-emul-boot", "-isohybrid-gpt-basdat"]);
        let image = folder.join(format!("{name}.iso"));
        std::fs::write(&image, discs::disc(folder, name, &files, &options.collect::<Vec<_>>())).unwrap();
        image
    }
}

/// The files of the menus: ISOLINUX starts the kernel with an initial RAM disk that is there, GRUB with one that is not.
pub const MENUS: [(&str, &[u8]); 4] = [
    ("isolinux/isolinux.cfg", b"DEFAULT live\nLABEL live\n KERNEL /live/vmlinuz\n INITRD /live/initrd\n"),
    ("boot/grub/grub.cfg", b"menuentry 'Live' {\n linux /live/vmlinuz quiet\n initrd /live/initrd.gz\n}\n"),
    (KERNEL, b"no kernel"),
    ("live/initrd", b"no RAM disk"),
];

/// A list of revoked programs with one SHA-256, as firmware keeps it (UEFI 2.10 §32.4.1).
pub fn revocation_list(digest: &[u8; 32]) -> Vec<u8> {
    let mut list = vec![0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40, 0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28];
    [76_u32, 0, 48].iter().for_each(|number| list.extend(number.to_le_bytes()));
    list.extend([0; 16]);
    list.extend(digest);
    list
}
