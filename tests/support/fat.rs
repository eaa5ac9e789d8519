//! FAT file systems built entry by entry, sound or not: clusters of one sector, two FATs.

use super::efi::Program;

/// Bytes of a sector and of a cluster.
pub const SECTOR: usize = 512;

/// Entries of the root directory of FAT12 and FAT16.
const ROOT_ENTRIES: usize = 64;

/// How wide an entry of the FAT is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 12 bits.
    Fat12,
    /// 16 bits.
    Fat16,
    /// 32 bits.
    Fat32,
}

/// All of them.
pub const WIDTHS: [Width; 3] = [Width::Fat12, Width::Fat16, Width::Fat32];

/// Number of a folder; that of the root is [`ROOT`].
pub type FolderNumber = usize;

/// The root directory.
pub const ROOT: FolderNumber = 0;

/// A folder: its entries, and the first of its clusters; none for the root of FAT12 and FAT16.
struct Folder {
    entries: Vec<[u8; 32]>,
    cluster: u32,
}

/// A volume that is being built.
pub struct Volume {
    width: Width,
    /// What follows each cluster; 0 where it is free.
    links: Vec<u32>,
    data: Vec<u8>,
    folders: Vec<Folder>,
    shorts: usize,
}

impl Volume {
    /// An empty volume, as small as its width allows.
    pub fn new(width: Width) -> Self {
        let clusters = if width == Width::Fat16 { 4200 } else { 300 };
        let mut volume = Self {
            width,
            links: vec![0; clusters + 2],
            data: vec![0; clusters * SECTOR],
            folders: Vec::new(),
            shorts: 0,
        };
        (volume.links[0], volume.links[1]) = (volume.end() & !7, volume.end());
        let cluster = if width == Width::Fat32 { volume.allocate(1, 1)[0] } else { 0 };
        volume.folders.push(Folder { entries: Vec::new(), cluster });
        volume
    }

    /// The mark of the last cluster.
    fn end(&self) -> u32 {
        match self.width {
            Width::Fat12 => 0xfff,
            Width::Fat16 => 0xffff,
            Width::Fat32 => 0x0fff_ffff,
        }
    }

    /// A chain of `count` free clusters in so many pieces.
    fn allocate(&mut self, count: usize, pieces: usize) -> Vec<u32> {
        let free: Vec<u32> = (2..self.links.len() as u32).filter(|at| self.links[*at as usize] == 0).collect();
        let length = count.div_ceil(pieces.max(1));
        // A cluster is left out between the pieces, which keeps them apart.
        let chosen: Vec<u32> =
            free.chunks(length + 1).flat_map(|chunk| chunk.iter().take(length)).take(count).copied().collect();
        assert_eq!(chosen.len(), count, "the volume is full");
        for (at, cluster) in chosen.iter().enumerate() {
            self.links[*cluster as usize] = chosen.get(at + 1).copied().unwrap_or(self.end());
        }
        chosen
    }

    /// Stores `bytes` in so many pieces, and says in which clusters.
    pub fn store(&mut self, bytes: &[u8], pieces: usize) -> Vec<u32> {
        let clusters = self.allocate(bytes.len().div_ceil(SECTOR), pieces);
        for (cluster, piece) in clusters.iter().zip(bytes.chunks(SECTOR)) {
            let at = (*cluster as usize - 2) * SECTOR;
            self.data[at..at + piece.len()].copy_from_slice(piece);
        }
        clusters
    }

    /// Adds an entry as it is.
    pub fn raw(&mut self, folder: FolderNumber, entry: [u8; 32]) {
        self.folders[folder].entries.push(entry);
    }

    /// Adds the parts of a long name and a short entry for it.
    pub fn named(&mut self, folder: FolderNumber, name: &str, attributes: u8, cluster: u32, size: u32) {
        self.shorts += 1;
        let mut short = [b' '; 11];
        let text = format!("SHORT{:03}", self.shorts);
        short[..8].copy_from_slice(text.as_bytes());
        for part in long_name(name, &short) {
            self.raw(folder, part);
        }
        self.raw(folder, entry(&short, attributes, cluster, size));
    }

    /// A file in one piece.
    pub fn file(&mut self, folder: FolderNumber, name: &str, bytes: &[u8]) {
        self.file_in(folder, name, bytes, 1);
    }

    /// A file in so many pieces; gives its clusters.
    pub fn file_in(&mut self, folder: FolderNumber, name: &str, bytes: &[u8], pieces: usize) -> Vec<u32> {
        let clusters = self.store(bytes, pieces);
        self.named(folder, name, 0x20, clusters.first().copied().unwrap_or(0), bytes.len() as u32);
        clusters
    }

    /// A folder.
    pub fn folder(&mut self, parent: FolderNumber, name: &str) -> FolderNumber {
        let cluster = self.allocate(1, 1)[0];
        self.named(parent, name, 0x10, cluster, 0);
        let above = if parent == ROOT { 0 } else { self.folders[parent].cluster };
        let dots = vec![entry(b".          ", 0x10, cluster, 0), entry(b"..         ", 0x10, above, 0)];
        self.folders.push(Folder { entries: dots, cluster });
        self.folders.len() - 1
    }

    /// The first cluster of a folder.
    pub fn cluster_of(&self, folder: FolderNumber) -> u32 {
        self.folders[folder].cluster
    }

    /// Makes `next` follow `cluster` in both FATs.
    pub fn link(&mut self, cluster: u32, next: u32) {
        self.links[cluster as usize] = next;
    }

    /// The volume.
    pub fn build(mut self) -> Built {
        let folders = std::mem::take(&mut self.folders);
        let mut root = folders[ROOT].entries.concat();
        for folder in folders.iter().filter(|folder| folder.cluster != 0) {
            let bytes = folder.entries.concat();
            // The first cluster is taken; more follow it.
            let mut clusters = vec![folder.cluster];
            let more = bytes.len().div_ceil(SECTOR).saturating_sub(1);
            if more > 0 && self.links[folder.cluster as usize] == self.end() {
                clusters.extend(self.allocate(more, 1));
                self.links[folder.cluster as usize] = clusters[1];
            }
            for (cluster, piece) in clusters.iter().zip(bytes.chunks(SECTOR)) {
                let at = (*cluster as usize - 2) * SECTOR;
                self.data[at..at + piece.len()].copy_from_slice(piece);
            }
        }
        let is_fat32 = self.width == Width::Fat32;
        let bits = [12, 16, 32][self.width as usize];
        let fat_sectors = (self.links.len() * bits).div_ceil(8).div_ceil(SECTOR);
        let reserved = if is_fat32 { 8 } else { 1 };
        root.resize(if is_fat32 { 0 } else { ROOT_ENTRIES * 32 }, 0);
        let mut built = Built { bytes: Vec::new(), width: self.width, reserved, fat_sectors, root: root.len() };
        let sectors = built.data() / SECTOR + self.data.len() / SECTOR;
        let mut boot = vec![0_u8; reserved * SECTOR];
        boot[..11].copy_from_slice(b"\xeb\x3c\x90TESTFAT ");
        boot[11..13].copy_from_slice(&512_u16.to_le_bytes());
        boot[13..17].copy_from_slice(&[1, reserved as u8, 0, 2]);
        boot[21] = 0xf8;
        boot[32..36].copy_from_slice(&(sectors as u32).to_le_bytes());
        let extended = if is_fat32 { 66 } else { 38 };
        boot[extended] = 0x29;
        boot[extended + 1..extended + 5].copy_from_slice(&0x1234_abcd_u32.to_le_bytes());
        boot[extended + 5..extended + 16].copy_from_slice(b"TEST VOLUME");
        if is_fat32 {
            boot[36..40].copy_from_slice(&(fat_sectors as u32).to_le_bytes());
            boot[44..48].copy_from_slice(&folders[ROOT].cluster.to_le_bytes());
            boot[48..52].copy_from_slice(&[1, 0, 6, 0]);
            boot[82..90].copy_from_slice(b"FAT32   ");
            // The code begins behind the parameters.
            boot[1] = 0x58;
            boot[SECTOR..SECTOR + 4].copy_from_slice(b"RRaA");
            boot[SECTOR + 484..SECTOR + 488].copy_from_slice(b"rrAa");
            boot[SECTOR + 488..SECTOR + 496].fill(0xff);
        } else {
            boot[17..19].copy_from_slice(&(ROOT_ENTRIES as u16).to_le_bytes());
            boot[22..24].copy_from_slice(&(fat_sectors as u16).to_le_bytes());
            boot[54..62].copy_from_slice(if self.width == Width::Fat12 { b"FAT12   " } else { b"FAT16   " });
        }
        boot[510..512].copy_from_slice(&[0x55, 0xaa]);
        if is_fat32 {
            boot.copy_within(..SECTOR, 6 * SECTOR);
        }
        built.bytes = boot;
        built.bytes.resize(built.fat(2), 0);
        built.bytes.extend(root);
        built.bytes.extend(&self.data);
        for (cluster, next) in self.links.iter().enumerate() {
            built.set(0, cluster as u32, *next);
            built.set(1, cluster as u32, *next);
        }
        built
    }
}

/// A volume that was built.
#[derive(Clone)]
pub struct Built {
    /// Its bytes.
    pub bytes: Vec<u8>,
    width: Width,
    reserved: usize,
    fat_sectors: usize,
    /// Bytes of the root directory.
    root: usize,
}

impl Built {
    /// Byte offset of a FAT.
    pub fn fat(&self, number: usize) -> usize {
        (self.reserved + number * self.fat_sectors) * SECTOR
    }

    /// Byte offset of the root directory of FAT12 and FAT16.
    pub fn root(&self) -> usize {
        self.fat(2)
    }

    /// Byte offset of the first cluster.
    pub fn data(&self) -> usize {
        self.fat(2) + self.root
    }

    /// Byte offset of a cluster.
    pub fn place(&self, cluster: u32) -> usize {
        self.data() + (cluster as usize - 2) * SECTOR
    }

    /// Makes `next` follow `cluster` in one of the FATs.
    pub fn set(&mut self, fat: usize, cluster: u32, next: u32) {
        let (start, cluster) = (self.fat(fat), cluster as usize);
        match self.width {
            Width::Fat12 => {
                let at = start + cluster * 3 / 2;
                let pair = u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]);
                let next = next as u16 & 0xfff;
                let pair = if cluster % 2 == 0 { pair & 0xf000 | next } else { pair & 0x000f | next << 4 };
                self.bytes[at..at + 2].copy_from_slice(&pair.to_le_bytes());
            }
            Width::Fat16 => {
                let at = start + cluster * 2;
                self.bytes[at..at + 2].copy_from_slice(&(next as u16).to_le_bytes());
            }
            Width::Fat32 => {
                let at = start + cluster * 4;
                self.bytes[at..at + 4].copy_from_slice(&next.to_le_bytes());
            }
        }
    }
}

/// The parts of a long name for the short name `short`, in the order of the disc.
pub fn long_name(name: &str, short: &[u8; 11]) -> Vec<[u8; 32]> {
    let sum = short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
    let mut units: Vec<u16> = name.encode_utf16().collect();
    if !units.len().is_multiple_of(13) {
        units.push(0);
        units.resize(units.len().next_multiple_of(13), 0xffff);
    }
    let last = units.len() / 13;
    let part = |(at, units): (usize, &[u16])| {
        let mut part = [0; 32];
        part[0] = (at + 1) as u8 | if at + 1 == last { 0x40 } else { 0 };
        (part[11], part[13]) = (0x0f, sum);
        for (place, unit) in [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30].into_iter().zip(units) {
            part[place..place + 2].copy_from_slice(&unit.to_le_bytes());
        }
        part
    };
    let mut parts: Vec<_> = units.chunks(13).enumerate().map(part).collect();
    parts.reverse();
    parts
}

/// A short entry.
pub fn entry(short: &[u8; 11], attributes: u8, cluster: u32, size: u32) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[..11].copy_from_slice(short);
    entry[11] = attributes;
    let (date, time) = ((2024 - 1980_u16) << 9 | 2 << 5 | 10, 11_u16 << 11 | 3 << 5 | 10);
    entry[13] = 157;
    for (at, value) in [(14, time), (16, date), (18, date), (22, time), (24, date)] {
        entry[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    entry[20..22].copy_from_slice(&((cluster >> 16) as u16).to_le_bytes());
    entry[26..28].copy_from_slice(&(cluster as u16).to_le_bytes());
    entry[28..].copy_from_slice(&size.to_le_bytes());
    entry
}

/// A little of everything.
pub fn sample(width: Width) -> Built {
    let mut volume = Volume::new(width);
    volume.raw(ROOT, entry(b"LABEL      ", 0x08, 0, 0));
    volume.file(ROOT, "A long name with spaces.txt", b"long");
    volume.file(ROOT, "größe 日本.bin", &[7; 3 * SECTOR]);
    let folder = volume.folder(ROOT, "folder");
    volume.file_in(folder, "pieces", &(0..3000_u32).map(|at| (at / 7) as u8).collect::<Vec<_>>(), 4);
    let inner = volume.folder(folder, "inner");
    for number in 0..20 {
        volume.file(inner, &format!("file number {number}"), format!("content {number}").as_bytes());
    }
    volume.file(ROOT, "empty", b"");
    let data = volume.store(b"short", 1)[0];
    volume.raw(ROOT, entry(b"SHORT   TXT", 0x27, data, 5));
    volume.build()
}

/// What a computer starts: shim, its helper with the lists that this goes by, and GRUB with a menu.
pub fn bootable() -> Built {
    bootable_with(|_, _| {})
}

/// The same, with something more in the folder `EFI`, before that of the loader.
pub fn bootable_with(more: impl FnOnce(&mut Volume, FolderNumber)) -> Built {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let program = |text: &[u8]| {
        let sbat = b"sbat,1,SBAT Version,sbat,1,-\nshim,4,a,shim,16,-\n".to_vec();
        Program::of(vec![(".text", text.to_vec()), (".sbat", sbat)]).build()
    };
    let shim = program(&[&b"UEFI SHIM\n$Version: 16.1 \n\0"[..], &wide("\\grubx64.efi\0")].concat());
    let mut volume = Volume::new(Width::Fat12);
    let efi = volume.folder(ROOT, "EFI");
    let boot = volume.folder(efi, "BOOT");
    volume.file(boot, "BOOTX64.EFI", &shim);
    volume.file(boot, "fbx64.efi", &program(b"a helper"));
    let empty = volume.folder(efi, "empty");
    volume.file(empty, "BOOT.CSV", &wide("\u{feff}\r\n"));
    more(&mut volume, efi);
    let own = volume.folder(efi, "own");
    volume.file(own, "BOOTX64.CSV", &wide("\u{feff}shimx64.efi,Own,,A test\r\n"));
    volume.file(own, "shimx64.efi", &shim);
    volume.file(own, "grubx64.efi", &program(b"GRUB  version %s\0\x002.12\0"));
    let menu = volume.folder(ROOT, "boot");
    let menu = volume.folder(menu, "grub");
    volume.file(menu, "grub.cfg", b"menuentry 'Own' {\n linux /boot/kernel quiet\n}\n");
    volume.build()
}

/// Small volumes that are sound, with what to call them.
pub fn specimens() -> Vec<(String, Vec<u8>)> {
    let widths = [Width::Fat12, Width::Fat32];
    let volumes = widths.into_iter().map(|width| (format!("{width:?}"), sample(width).bytes));
    volumes.chain([("bootable".to_owned(), bootable().bytes)]).collect()
}
