//! Layouts of claims that are made up.

use super::collect::Claims;
use super::*;
use crate::disc::limits;
use crate::disc::partition::Scheme;

const MBR: Owner = Owner::Partition(Scheme::Mbr);
const GPT: Owner = Owner::Partition(Scheme::Gpt);

/// The layout of an image of `len` bytes, half of which the disc declares, from owners, first bytes and lengths.
fn layout(len: u64, claims: &[(Owner, u64, u64)]) -> Layout {
    let mut list = Claims::default();
    for (number, (owner, offset, length)) in (1..).zip(claims) {
        list.add(Extent::new(*offset, *length), *owner, number.to_string(), "made up", number);
    }
    Layout::new(list, len, len / 2)
}

/// The lanes of a strip as text: label or `-`, first byte, byte behind the last.
fn lanes(layout: &Layout, strip: &Strip) -> Vec<String> {
    let label = |span: &Span| span.region.map_or("-".to_owned(), |index| layout.regions()[index].label());
    let words = |span: &Span| format!("{} {}..{}", label(span), span.extent.offset, span.extent.end());
    strip.lanes.iter().map(|lane| lane.spans.iter().map(words).collect::<Vec<_>>().join(" | ")).collect()
}

fn told(layout: &Layout) -> Vec<(Extent, bool)> {
    layout.overlaps().iter().map(|overlap| (overlap.extent, overlap.harmless)).collect()
}

#[test]
fn what_lies_inside_is_drawn_below_and_is_no_overlap() {
    let layout =
        layout(2000, &[(Owner::Volume, 0, 1000), (MBR, 100, 500), (Owner::BootImage, 200, 100), (MBR, 700, 50)]);
    assert_eq!(
        lanes(&layout, &layout.whole()),
        ["1 0..1000 | Behind the end that the disc declares 1000..2000", "2 100..600 | 4 700..750", "3 200..300"]
    );
    assert_eq!(told(&layout), []);
    let holding: Vec<_> = layout.at(250).map(Region::label).collect();
    assert_eq!(holding, ["3", "2", "1"]);
    assert_eq!(layout.at(2000).count(), 0);
    assert_eq!(layout.lanes(), [Some(0), Some(1), Some(2), Some(1), Some(0)]);
}

#[test]
fn the_same_bytes_in_several_tables_are_one_region_with_several_names() {
    let layout =
        layout(1000, &[(Owner::BootImage, 100, 100), (GPT, 100, 100), (MBR, 100, 100), (Owner::GptHeader, 100, 100)]);
    let region = &layout.regions()[1];
    assert_eq!((region.label().as_str(), region.owner()), ("3, 2, 1", MBR));
    // A table is no other name of a partition that begins and ends with it.
    assert_eq!(layout.regions()[2].owner(), Owner::GptHeader);
    assert_eq!(told(&layout), [(Extent::new(100, 100), false)]);
}

#[test]
fn partitions_that_begin_in_one_another_are_told_and_share_no_lane() {
    let layout = layout(1000, &[(MBR, 100, 300), (MBR, 200, 300), (GPT, 450, 100)]);
    assert_eq!(
        lanes(&layout, &layout.whole()),
        [
            "Unused 0..100 | 1 100..400 | - 400..450 | 3 450..550 | Behind the end that the disc declares 550..1000",
            "2 200..500"
        ]
    );
    assert_eq!(told(&layout), [(Extent::new(200, 200), false), (Extent::new(450, 50), false)]);
    let sentence = layout.sentence(&layout.overlaps()[0]);
    assert!(sentence.starts_with("1 and 2 share 200 bytes from byte 200 on. One partition begins"), "{sentence}");
}

#[test]
fn tables_that_reach_into_others_are_told() {
    use Owner::{
        AppleMap, BackupGptEntries, BackupGptHeader, Descriptors, ExtendedPartition, GptEntries, GptHeader, MbrEntries,
        Volume,
    };
    const APM: Owner = Owner::Partition(Scheme::Apm);
    let pairs = [
        ("entries and descriptors", (GptEntries, 1024, 40_000), (Descriptors, 32_768, 6144), Some(false)),
        ("entries that reach into a partition", (GptEntries, 1024, 16_384), (GPT, 8192, 16_384), Some(false)),
        ("a partition among entries", (GptEntries, 1024, 16_384), (MBR, 2048, 512), Some(false)),
        ("maps of two sizes of blocks", (AppleMap, 512, 4096), (AppleMap, 2048, 8192), Some(true)),
        ("a map and a header", (AppleMap, 512, 4096), (GptHeader, 512, 512), Some(false)),
        ("a map and entries", (AppleMap, 2048, 8192), (GptEntries, 1024, 16_384), Some(false)),
        ("a backup in a partition", (GPT, 0, 60_000), (BackupGptHeader, 50_000, 512), Some(false)),
        ("a table in its own partition", (GPT, 512, 60_000), (BackupGptEntries, 50_000, 512), Some(false)),
        ("a table of a partition from byte 0", (GPT, 0, 60_000), (GptEntries, 1024, 16_384), None),
        ("a table in a partition of another one", (MBR, 512, 60_000), (GptEntries, 1024, 16_384), None),
        ("a map in its own partition", (APM, 512, 60_000), (AppleMap, 1024, 1024), Some(false)),
        ("a record in the extended partition", (ExtendedPartition, 512, 60_000), (MbrEntries, 512, 512), None),
        ("a record in a logical partition", (MBR, 512, 60_000), (MbrEntries, 1024, 512), Some(false)),
        ("code and a driver descriptor", (Owner::BootCode, 0, 440), (Owner::DriverDescriptor, 0, 8), None),
        ("boot blocks", (Owner::FileSystemPart, 0, 1024), (GptHeader, 512, 512), None),
        ("a path table in a map", (AppleMap, 512, 4096), (Owner::FileSystemPart, 4096, 2048), Some(false)),
        ("an anchor at the end of a volume", (Volume, 0, 5000), (Descriptors, 4096, 2048), None),
        (
            "a boot image that ends among descriptors",
            (Owner::BootImage, 0, 5000),
            (Descriptors, 4096, 2048),
            Some(false),
        ),
        ("a boot image in descriptors", (Descriptors, 32_768, 6144), (Owner::BootImage, 34_816, 2048), Some(false)),
        ("a padded partition without the system area", (Volume, 0, 90_000), (MBR, 32_768, 90_000), Some(true)),
        ("a partition in the middle of a volume", (Volume, 0, 90_000), (MBR, 65_536, 90_000), Some(false)),
        ("file systems side by side", (Volume, 0, 5000), (Volume, 2048, 10_000), Some(true)),
        ("boot images", (Owner::BootImage, 0, 5000), (Owner::BootImage, 2048, 10_000), Some(false)),
    ];
    for (what, first, second, harmless) in pairs {
        let layout = layout(1 << 20, &[first, second]);
        let found: Vec<_> = layout.overlaps().iter().map(|overlap| overlap.harmless).collect();
        assert_eq!(found, harmless.into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn what_lies_behind_the_end_is_cut_off_or_listed_apart() {
    let layout =
        layout(1000, &[(MBR, 0, 400), (MBR, 900, 200), (MBR, 1000, 5), (GPT, u64::MAX - 9, u64::MAX), (MBR, 7, 0)]);
    let cut: Vec<_> = layout.regions().iter().filter(|region| region.is_cut()).map(|region| region.extent).collect();
    assert_eq!(cut, [Extent::new(900, 100)]);
    let outside: Vec<_> = layout.outside().iter().map(|region| region.label()).collect();
    assert_eq!(outside, ["3", "4"]);
    // Nothing is known of what no one says where it is, and nothing is lost of what is empty.
    assert_eq!(super::tests::layout(0, &[(MBR, 0, 10)]).whole(), Strip::default());
    assert_eq!(super::tests::layout(10, &[(MBR, u64::MAX, 10)]).regions().len(), 2);
}

#[test]
fn what_is_not_used_of_the_system_area_is_seen_from_near() {
    let claims = [
        (Owner::Volume, 0, 200_000),
        (MBR, 0, 200_000),
        (Owner::BootCode, 0, 440),
        (Owner::MbrEntries, 446, 64),
        (Owner::Signature, 510, 2),
        (Owner::Descriptors, 32_768, 6144),
        (Owner::FileSystemPart, 40_960, 2048),
    ];
    let layout = layout(200_000, &claims);
    let near = lanes(&layout, &layout.system_area());
    assert_eq!(near[0], "2, 1 0..65536");
    assert_eq!(
        near[1],
        "3 0..440 | Unused 440..446 | 4 446..510 | 5 510..512 | Unused 512..32768 | 6 32768..38912 | 7 40960..43008"
    );
    assert_eq!(lanes(&layout, &layout.whole())[1], "3 0..440 | 4 446..510 | 5 510..512 | 6 32768..38912");
}

#[test]
fn what_is_nested_too_deep_and_what_is_too_much_is_counted() {
    let deep: Vec<_> = (0..20).map(|level| (MBR, level, 1000 - 2 * level)).collect();
    let strip = layout(1000, &deep).whole();
    assert_eq!((strip.lanes.len(), strip.left_out), (limits::LAYOUT_LANES, 20 - limits::LAYOUT_LANES));

    let many: Vec<_> = (0..5000).map(|at| (MBR, at * 10, 15)).collect();
    let layout = layout(100_000, &many);
    let pairs = limits::LAYOUT_REGIONS - 1 - limits::LAYOUT_OVERLAPS;
    assert_eq!(layout.overlaps().len(), limits::LAYOUT_OVERLAPS);
    assert_eq!(layout.left_out(), 5000 - limits::LAYOUT_REGIONS + pairs);
}

/// Numbers that are the same on every run (Marsaglia's xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[test]
fn the_first_lane_shows_every_byte_once_whatever_is_claimed() {
    let owners =
        [MBR, GPT, Owner::Volume, Owner::BootImage, Owner::GptEntries, Owner::Descriptors, Owner::FileSystemPart];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..2000 {
        let len = numbers.below(100_000);
        let wild = |numbers: &mut Numbers| match numbers.below(8) {
            0 => u64::MAX - numbers.below(3),
            1 => DESCRIPTORS,
            _ => numbers.below(110_000),
        };
        let count = numbers.below(30);
        let claims: Vec<_> = (0..count)
            .map(|_| (owners[usize::try_from(numbers.below(7)).unwrap()], wild(&mut numbers), wild(&mut numbers)))
            .collect();
        let layout = layout(len, &claims);
        for strip in [layout.whole(), layout.system_area(), layout.in_detail()] {
            let Some(base) = strip.lanes.first() else {
                assert_eq!(len, 0, "round {round}");
                continue;
            };
            let end = base.spans.iter().fold(0, |at, span| {
                assert!(span.extent.offset == at && span.extent.length > 0, "round {round}: {base:?}");
                span.extent.end()
            });
            assert_eq!(end, strip.extent.length, "round {round}");
            for lane in &strip.lanes {
                assert!(
                    lane.spans.windows(2).all(|pair| pair[0].extent.end() <= pair[1].extent.offset),
                    "round {round}"
                );
            }
            assert!(strip.axis(0.001).at(strip.extent.length) == 1.0);
        }
        let shown: usize =
            layout.in_detail().lanes.iter().flat_map(|lane| &lane.spans).filter(|span| span.region.is_some()).count();
        assert_eq!(shown + layout.in_detail().left_out, layout.regions().len(), "round {round}");
        let at = numbers.below(len.max(1));
        assert!(len == 0 || layout.at(at).count() > 0, "round {round}: byte {at}");
        let lengths: Vec<_> = layout.at(at).map(|region| region.extent.length).collect();
        assert!(lengths.is_sorted(), "round {round}");
    }
}
