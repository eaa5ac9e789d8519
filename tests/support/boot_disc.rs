//! A disc such as distributions give away: ISOLINUX for a BIOS, shim and GRUB as Debian signs them in a FAT image for UEFI,
//! and menus that start a kernel. Written by xorriso, mkfs.fat and mtools.

use std::path::{Path, PathBuf};
use std::process::Command;

pub const SHIM: &str = "/usr/lib/shim/shimx64.efi.signed";
pub const GRUB: &str = "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";

/// The kernel of the disc, which is none: its menus only have to find it.
pub const KERNEL: &str = "live/vmlinuz";

/// Runs a tool.
pub fn tool(name: &str, arguments: &[&str]) {
    let output = Command::new(name).args(arguments).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What the disc has.
pub struct BootDisc<'a> {
    /// Files of its FAT image: where they come from, and where they go.
    pub efi: &'a [(&'a str, &'a str)],
    /// Its files besides those of ISOLINUX.
    pub files: &'a [(&'a str, &'a [u8])],
    /// Further options of xorriso.
    pub options: &'a [&'a str],
}

impl BootDisc<'_> {
    /// Writes it to `folder`, under this name.
    pub fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let root = folder.join(name);
        let put = |path: &str, bytes: &[u8]| {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), bytes).unwrap();
        };
        let copy = |path: &str, from: &str| put(path, &std::fs::read(from).unwrap_or_else(|e| panic!("{from}: {e}")));
        copy("isolinux/isolinux.bin", "/usr/lib/ISOLINUX/isolinux.bin");
        copy("isolinux/ldlinux.c32", "/usr/lib/syslinux/modules/bios/ldlinux.c32");
        self.files.iter().for_each(|(path, bytes)| put(path, bytes));
        std::fs::create_dir_all(root.join("boot/grub")).unwrap();
        let efi = root.join("boot/grub/efi.img");
        let efi = efi.to_str().unwrap();
        tool("mkfs.fat", &["-C", efi, "8192"]);
        tool("mmd", &["-i", efi, "::EFI", "::EFI/BOOT"]);
        self.efi.iter().for_each(|(from, to)| tool("mcopy", &["-i", efi, from, &format!("::{to}")]));
        let image = folder.join(format!("{name}.iso"));
        let [to, from] = [&image, &root].map(|path| path.to_str().unwrap());
        let options = ["-as", "mkisofs", "-quiet", "-R", "-V", "TEST", "-o", to]
            .into_iter()
            .chain(["-isohybrid-mbr", "/usr/lib/ISOLINUX/isohdpfx.bin", "-b", "isolinux/isolinux.bin"])
            .chain(["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "-eltorito-alt-boot"])
            .chain(["-e", "boot/grub/efi.img", "-no-emul-boot", "-isohybrid-gpt-basdat"])
            .chain(self.options.iter().copied())
            .chain([from]);
        tool("xorriso", &options.collect::<Vec<_>>());
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
