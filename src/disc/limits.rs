//! Every ceiling: its value, its unit, why it is there, and what happens when it is reached.
//!
//! A ceiling that is reached is always said, as [`Error::Limit`](super::Error::Limit) or as a
//! [diagnostic](super::Diagnostic) beside what was read up to there.

/// Complaints kept of one volume or one folder; the rest is only counted.
pub const DIAGNOSTICS: usize = 256;

/// Bytes read of one directory extent. A folder of a million Rock Ridge entries takes about 150 MiB.
/// What lies behind is not listed.
pub const DIRECTORY_BYTES: u64 = 256 << 20;

/// Entries listed of one folder. What comes after is not listed.
pub const FOLDER_ENTRIES: usize = 4_000_000;

/// Entries that a walk over the whole disc visits. The walk then ends with what it has.
pub const WALK_ENTRIES: u64 = 8_000_000;

/// Levels that an automatic walk goes down. Deeper folders can still be opened one by one.
pub const WALK_DEPTH: usize = 256;

/// Volume descriptors read from LBA 16 on. Real discs have fewer than ten; a disc without a terminator ends here.
pub const VOLUME_DESCRIPTORS: u32 = 64;

/// Sessions looked for in one file.
pub const SESSIONS: usize = 100;

/// Folders that a mounted image, or what is dragged out of one, is asked for. Further ones are not opened: folders that
/// contain one another many times have more paths than there is memory for.
pub const SERVED_FOLDERS: usize = 1_000_000;

/// Entries of folders that are kept for other programs to list, some 130 bytes each. Folders that were not used for the
/// longest time are read again when they are wanted.
pub const SERVED_ENTRIES: usize = 500_000;

/// Bytes of one Rock Ridge name (RRIP allows any number; file systems allow 255).
pub const ROCK_RIDGE_NAME: usize = 1024;

/// Bytes of one symbolic link's target.
pub const SYMLINK_TARGET: usize = 4096;

/// Continuation areas that one directory record may chain.
pub const CONTINUATION_AREAS: usize = 32;

/// Bytes of all continuation areas of one directory record.
pub const CONTINUATION_BYTES: usize = 64 << 10;

/// Sections of a multi-extent file: 4 GiB each, so 8 EiB would need more than the format can number.
pub const FILE_SECTIONS: usize = 65_536;

/// Entries of an El Torito boot catalogue.
pub const BOOT_ENTRIES: usize = 512;

/// Sections of an El Torito boot catalogue.
pub const BOOT_SECTIONS: usize = 64;

/// Bytes of a boot image whose checksum is worked out. GRUB's takes up to a few hundred KiB, ISOLINUX's less; the checksum
/// of longer ones is said to be not checked.
pub const BOOT_IMAGE_CHECKSUM: u64 = 16 << 20;

/// Levels of a B-tree's index (HFS, HFS+). Four levels hold millions of records; what is deeper leads back to itself.
pub const BTREE_DEPTH: usize = 16;

/// Bytes of one file that holds a B-tree (HFS, HFS+): a catalog of four million files takes about as much. Nodes that
/// lie behind are taken for damaged.
pub const CATALOG_BYTES: u64 = 1 << 30;

/// Entries of one partition table. GPT has 128, and up to 248 on discs of xorriso; those behind are not read.
pub const PARTITIONS: u32 = 1024;

/// Logical partitions followed from one extended boot record to the next.
pub const LOGICAL_PARTITIONS: usize = 256;

/// Regions told apart in the layout of an image. Real discs have fewer than 60; further ones are only counted.
pub const LAYOUT_REGIONS: usize = 2048;

/// Lanes in which the regions of a layout are drawn below one another. Real discs need up to seven: regions that are
/// nested deeper are only counted.
pub const LAYOUT_LANES: usize = 12;

/// Regions listed as overlapping one another. Further pairs are only counted.
pub const LAYOUT_OVERLAPS: usize = 256;

/// Uncompressed bytes of one zisofs file. The size is only claimed: blocks are unpacked one at a time.
pub const ZISOFS_FILE: u64 = 1 << 40;

/// Bytes of any one allocation whose size an image asks for.
pub const ALLOCATION: usize = 16 << 20;

/// Bytes of extended attributes (AAIP) read for one entry.
pub const ATTRIBUTE_BYTES: usize = 64 << 10;

/// Findings listed when two trees are compared. Further ones are only counted.
pub const COMPARE_FINDINGS: usize = 100_000;

/// Partitions that are searched for file systems. Further ones are listed only.
pub const SEARCHED_PARTITIONS: usize = 64;

/// Hidden files and gaps listed of a disc. Further ones are only counted.
pub const UNSEEN_FINDINGS: usize = 10_000;

/// Bytes of text shown at a time. What follows is a page of its own.
pub const TEXT_PAGE: usize = 16 << 20;

/// Rows of text shown at a time. A page of text that has more ends there.
pub const TEXT_ROWS: usize = 1_000_000;

/// Bytes of a row of text. Longer lines go on in the next row, as laying out one line of megabytes would take seconds.
pub const TEXT_ROW: usize = 2048;

/// Pixels of a picture in the preview. A larger one is not decoded.
pub const PICTURE_PIXELS: u64 = 64 << 20;

/// Bytes that decoding a picture may take, and bytes of the picture file that are read.
pub const PICTURE_BYTES: u64 = 256 << 20;

/// Width and height in pixels of what is kept of a picture for display: all graphics drivers have textures of this size.
pub const PICTURE_SIDE: u32 = 4096;

/// Bytes of text that are coloured. The rest is shown plain.
pub const COLOURED_BYTES: usize = 2 << 20;

/// Bytes of a UDF volume descriptor sequence, or [`UDF_SEQUENCE_BLOCKS`] where that is more. What lies behind is not read.
pub const UDF_SEQUENCE: u32 = 64 << 10;

/// Blocks of a UDF volume descriptor sequence. Real ones have 16.
pub const UDF_SEQUENCE_BLOCKS: u32 = 32;

/// Extents that a UDF volume descriptor sequence may chain by pointers. Further ones are not read.
pub const UDF_SEQUENCE_EXTENTS: usize = 16;

/// Partitions, partition maps and logical volumes of a UDF volume. Further ones are passed over.
pub const UDF_PARTITIONS: usize = 64;

/// Integrity descriptors that a UDF volume may chain: one for each time that a write-once disc was closed.
pub const UDF_INTEGRITY: usize = 1024;

/// File sets of a logical volume of UDF.
pub const UDF_FILE_SETS: usize = 16;

/// Entries of a chain of ICBs. A file whose chain is longer is not read.
pub const UDF_ICB_CHAIN: usize = 16;

/// Allocation extent descriptors that one file may chain. Its data ends there.
pub const UDF_ALLOCATION_CHAIN: usize = 1024;

/// Pieces of all files of one folder, and blocks looked up for them: 16 bytes each, and 128 MiB in all. Files that
/// come after cannot be read.
pub const UDF_FOLDER_PIECES: u32 = 8 << 20;

/// Bytes of a virtual allocation table. Those of discs of 25 GB have about 50 MB at worst, real ones under 1 MiB.
pub const UDF_VAT: u64 = 16 << 20;

/// Blocks at the end of an image in which a virtual allocation table is looked for, behind which are run-out blocks.
pub const UDF_VAT_SEARCH: u64 = 512;

/// Named streams listed of one file.
pub const UDF_STREAMS: usize = 4096;

/// Bytes read of one configuration file of a boot loader. Real ones have a few kilobytes. The rest is not read.
pub const MENU_FILE: usize = 1 << 20;

/// Bytes read of all configuration files of boot loaders of one tree. Further files are not read.
pub const MENU_BYTES: usize = 16 << 20;

/// Bytes of one line of a boot loader's configuration file. The rest of the line is left out.
pub const MENU_LINE: usize = 16 << 10;

/// Entries listed of one boot menu. The rest is not listed.
pub const MENU_ENTRIES: usize = 1000;

/// Boot menus listed of one tree. Further ones are not read.
pub const MENUS: usize = 64;

/// Levels of files that include one another, as in Syslinux, and of functions that call one another. What is deeper is
/// left out.
pub const MENU_DEPTH: usize = 16;

/// Files that one boot menu may include. Further ones are left out.
pub const MENU_INCLUDES: usize = 64;

/// Commands carried out for one boot menu of GRUB. The menu ends there.
pub const MENU_COMMANDS: usize = 50_000;

/// Variables of a boot menu of GRUB, and bytes of one value. Further ones stay unknown.
pub const MENU_VARIABLES: usize = 256;

/// Bytes of the value of a variable of GRUB. A longer one stays unknown.
pub const MENU_VALUE: usize = 4096;

/// Folders read to see whether the files exist that boot menus name. Of the rest it is not told.
pub const MENU_FOLDERS: usize = 4096;

/// Names compared while such files are looked for: folders of a disc can have millions. Of the rest it is not told.
pub const MENU_COMPARISONS: usize = 100_000_000;

/// Symbolic links followed on the way to one file.
pub const MENU_LINKS: usize = 16;

/// Bytes of a folder of FAT: 65,536 entries, as the specification has it. What lies behind is not listed.
pub const FAT_DIRECTORY_BYTES: u64 = 2 << 20;

/// Entries of the FAT that are followed for all files of one folder, besides two for each cluster of the volume. Sound files
/// share no cluster; the chains of files that come after are cut off.
pub const FAT_CHAIN_STEPS: u64 = 1 << 20;

/// Pieces that the files of one folder of FAT lie in, 32 bytes each. The chains of files that come after are cut off.
pub const FAT_FOLDER_RUNS: usize = 4 << 20;

/// Sections of an EFI program. Windows has a ceiling of 96; what has more than this many is not read.
pub const EFI_SECTIONS: u16 = 1024;

/// Bytes of a small section of an EFI program that is read whole, such as `.sbat`. The rest is not looked at.
pub const EFI_SECTION: u64 = 256 << 10;

/// Bytes of an EFI program that are searched for a name and a version. GRUB has its own within the first MiB.
pub const EFI_SEARCH: u64 = 8 << 20;

/// Bytes of the attribute certificate table of an EFI program. Real ones have about 10 kB; larger ones are not read.
pub const CERTIFICATE_TABLE: u64 = 1 << 20;

/// Signatures of one EFI program. Real ones have one or two; further ones are not looked at.
pub const SIGNATURES: usize = 16;

/// Certificates of one signature, and of one list of certificates. Further ones are not looked at.
pub const CERTIFICATES: usize = 64;

/// Certificates between a signer and its authority. A longer chain is not followed.
pub const CERTIFICATE_CHAIN: usize = 8;

/// Lines of a list of generations (SBAT). Real ones have fewer than ten; further ones are not looked at.
pub const SBAT_ENTRIES: usize = 1024;

/// Bytes of a list of revoked programs. Those of Microsoft have some 25 kB; larger files are not read.
pub const REVOCATION_LIST: u64 = 4 << 20;

/// EFI programs of a disc that are looked into. Discs for every kind of computer have some fifty.
pub const EFI_PROGRAMS: usize = 512;

/// Bytes of all EFI programs of a disc together that are searched for names and versions.
pub const BOOT_SEARCHED: u64 = 256 << 20;

/// Bytes of all EFI programs of a disc together of which digests are made to check signatures. Kernels have some 15 MB.
pub const BOOT_DIGESTED: u64 = 2 << 30;

/// Kernels named by menus that are looked into. Discs of many systems have some twenty.
pub const BOOT_KERNELS: usize = 64;

/// Folders of loaders in which lists of boot entries are looked for. Disks of many systems have some ten.
pub const LOADER_FOLDERS: usize = 64;

/// Bytes of a list of boot entries. Real ones have some hundred; larger ones are not read.
pub const LOADER_LIST: u64 = 64 << 10;

/// Steps of the picture of how a disc starts. One with every kind of loader for every processor has some sixty.
pub const CHAIN_STEPS: usize = 200;

/// Bytes that are read to tell what a disc is. The bulk of it is the list of files of a packed file system.
pub const IDENTITY_READ: u64 = 32 << 20;

/// Bytes of each name of a disc that are compared with what is known of products. Those of UDF have up to 254 characters.
pub const IDENTITY_FIELD: usize = 512;

/// Bytes of a text file that are read to tell what a disc is. Real ones have a few hundred; the rest is not read.
pub const IDENTITY_TEXT: u64 = 64 << 10;

/// Names of one folder that are compared with those that tell what a disc is. What comes after is not found.
pub const IDENTITY_NAMES: usize = 50_000;

/// Lines of a text file that are looked at to tell what a disc is.
pub const IDENTITY_LINES: usize = 2000;

/// Claims of what a disc is. Real discs make some twenty; further ones, of the least trustworthy, are left out.
pub const IDENTITY_CLAIMS: usize = 200;

/// Files of a database of operating systems that are looked at. osinfo-db has some 800.
pub const OSINFO_FILES: usize = 4000;

/// Bytes of one file of a database of operating systems. Larger ones are passed over.
pub const OSINFO_FILE: u64 = 1 << 20;

/// Places that one check of an image lists as bad. More are counted.
pub const BAD_PLACES: usize = 1000;

/// Elements, texts and attributes of one XML document, some 80 bytes each. One with more is not read.
pub const XML_NODES: u32 = 500_000;

/// Declarations of namespaces in one XML document. Answer files of Windows have some fifty; one with more is not read, as
/// each takes over those around it.
pub const XML_NAMESPACES: usize = 1024;

/// Attributes of one element of an XML document. One with more is not read, as each is compared with the others.
pub const XML_ATTRIBUTES: usize = 4096;

/// Bytes of the XML document of a WIM archive. Real ones have some 100 kB; a larger one is not read.
pub const WIM_XML: u64 = 16 << 20;

/// Bytes of the integrity table of a WIM archive: 20 for each chunk, of usually 10 MiB. A larger one is not read.
pub const WIM_INTEGRITY: u64 = 16 << 20;

/// Images of one WIM archive that are listed. Discs have some thirty; more are counted.
pub const WIM_IMAGES: usize = 1000;

/// Languages of one image of a WIM archive that are listed.
pub const WIM_LANGUAGES: usize = 200;

/// Characters of one text about an image of a WIM archive. Longer ones are cut.
pub const WIM_TEXT: usize = 1000;

/// Entries of a disc among which WIM archives are looked for. Discs of Windows have some thousand; of the rest it is not told.
pub const WIM_SEARCH: usize = 500_000;

/// WIM archives of one disc that are checked. Discs have fewer than ten; of the rest it is not told.
pub const WIM_ARCHIVES: usize = 1000;

/// Archives in one folder of Setup of Windows that are looked into. Real ones have two; those that are split some ten.
pub const SETUP_ARCHIVES: usize = 64;

/// Bytes of an answer file of Windows. Those with scripts inside have some 100 kB; larger ones are not read.
pub const ANSWER_FILE: u64 = 2 << 20;

/// Bytes of one line of a list of checksums. Longer lines are cut off and not understood; paths have 32 KiB at most.
pub const SUMS_LINE: usize = 64 << 10;

/// Bytes read of one list of checksums. That of a million files has some 100 MB. The rest is not read.
pub const SUMS_BYTES: u64 = 256 << 20;

/// Files of one list of checksums that are checked, some 200 bytes each. The rest is not checked.
pub const SUMS_FILES: usize = 1_000_000;

/// Bytes of the names of all files of one list of checksums. The rest of the list is not checked.
pub const SUMS_NAMES: usize = 128 << 20;

/// Checksums found in a text that was pasted. Those that follow are not looked at.
pub const SUMS_PASTED: usize = 10_000;

/// Names compared while files are looked for that a list of checksums names otherwise than the disc does: by another
/// case, or by way of a symbolic link. Of the rest it is not told.
pub const MANIFEST_COMPARISONS: u64 = 20_000_000;

/// Symbolic links followed on the way to one file that a list of checksums names.
pub const MANIFEST_LINKS: usize = 16;

/// Lists of checksums of one disc that are checked. Slackware has some thirty. Further ones are not looked at.
pub const MANIFESTS: usize = 64;

/// Names looked at of the folder that holds the image. Those that come after are not seen.
pub const NEIGHBOUR_NAMES: usize = 20_000;

/// Checksum files beside the image that are read, and checksums of the image found there. Further ones are not looked at.
pub const NEIGHBOURS: usize = 64;

/// Metadata blocks that finding one file in a squashfs may visit, of 8 KiB each: a folder of a million entries has some
/// 3,000. A file that is farther away is not read.
pub const SQUASHFS_METADATA_BLOCKS: usize = 4096;

/// Symbolic links followed on the way to one file of a squashfs. A path through more is not followed.
pub const SQUASHFS_LINKS: usize = 16;

/// Entries of the root, and of a folder of Setup, of a disc of Windows. Real ones have some thousand; one with more is not
/// looked into, as each name that is looked for is compared with all.
pub const SETUP_FOLDER: usize = 20_000;

/// Paths that one remark about a disc lists. More are counted.
pub const REMARK_PATHS: usize = 100;

/// Bytes read of a file that may start programs, such as `autorun.inf`. Real ones have a few hundred.
pub const STARTER_BYTES: u64 = 64 << 10;

/// Pieces of files that are compared with one another, of 16 bytes each. Those that come after are not.
pub const SUSPECT_PIECES: usize = 4_000_000;
