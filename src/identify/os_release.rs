//! `os-release`: what a Linux system says of itself (os-release(5)). On discs it lies beside the packages, or inside of the
//! packed file system that the live system runs from.

use super::claim::{Claim, Evidence, Subject};
use super::{fields, rules, words};
use crate::disc::limits;

/// Where it lies inside of a system.
pub const PATHS: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// Packed file systems (squashfs) of live discs and installers that may hold it, those of the system itself first.
pub const SQUASHFS_PATHS: [&str; 26] = [
    "casper/filesystem.squashfs",
    "casper/minimal.squashfs",
    "casper/ubuntu-server-minimal.squashfs",
    "casper/base.squashfs",
    "casper/install.squashfs",
    "live/filesystem.squashfs",
    "LiveOS/squashfs.img",
    "arch/x86_64/airootfs.sfs",
    "arch/i686/airootfs.sfs",
    "arch/aarch64/airootfs.sfs",
    "manjaro/x86_64/rootfs.sfs",
    "sysresccd/x86_64/airootfs.sfs",
    "image.squashfs",
    "nix-store.squashfs",
    "antiX/linuxfs",
    "KNOPPIX/KNOPPIX",
    "loopbacks/distrib-lzma.sqfs",
    "loopbacks/distrib.sqfs",
    "pve-base.squashfs",
    "pbs-base.squashfs",
    "pmg-base.squashfs",
    "images/install.img",
    "boot/x86_64/root",
    "install.squashfs",
    "system.sfs",
    "dban.squashfs",
];

/// What the text of an `os-release` says, which lies at `path`.
pub fn claims(text: &str, path: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut add = |subject, value: String, line: &str| {
        if !value.is_empty() {
            claims.push(Claim::stated(subject, value, Evidence::file(path, line)));
        }
    };
    for line in text.lines().take(limits::IDENTITY_LINES) {
        let line = fields::cut(line, limits::IDENTITY_FIELD);
        let Some((key, raw)) = line.split_once('=') else { continue };
        let value = unquoted(raw);
        match key.trim() {
            "NAME" => add(Subject::Product, rules::canonical(&value).to_owned(), line),
            "VERSION_ID" => add(Subject::Version, value, line),
            // Rolling systems have no other version; of others it is the name of a build.
            "BUILD_ID" if words::is_version(&value) => add(Subject::Version, value, line),
            "VERSION_CODENAME" | "UBUNTU_CODENAME" => add(Subject::Codename, rules::capitalised(&value), line),
            "VARIANT" => add(Subject::Edition, value, line),
            "ARCHITECTURE" => {
                let named = words::architecture(&value).map_or(value.clone(), str::to_owned);
                add(Subject::Architecture, named, line);
            }
            _ => {}
        }
    }
    claims
}

/// A value as a shell would read it, which is how the file is defined.
pub(super) fn unquoted(raw: &str) -> String {
    let raw = raw.trim();
    let quoted = |mark: char| raw.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    match (quoted('\''), quoted('"')) {
        (Some(plain), _) => plain.trim().to_owned(),
        (None, inside) => inside.unwrap_or(raw).replace('\\', "").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_says_what_it_is() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
                    VERSION_CODENAME=bookworm\nVARIANT='Live \\x'\n# NAME=no\nARCHITECTURE=x86-64\n";
        let told: Vec<_> =
            claims(text, "etc/os-release").into_iter().map(|claim| (claim.subject, claim.value)).collect();
        assert_eq!(
            told,
            [
                (Subject::Product, "Debian".to_owned()),
                (Subject::Version, "12".to_owned()),
                (Subject::Codename, "Bookworm".to_owned()),
                (Subject::Edition, "Live \\x".to_owned()),
                (Subject::Architecture, "x64".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_no_os_release_says_nothing() {
        assert_eq!(claims("", "a"), []);
        assert_eq!(claims("NAME=\nVERSION_ID=\"\"\n=\n==\n", "a"), []);
        assert!(claims(&"NAME=x\n".repeat(100_000), "a").len() <= limits::IDENTITY_LINES);
    }
}
