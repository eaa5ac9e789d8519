//! Pictures of every format: good, broken, huge, and none at all.

use image::{ExtendedColorType, ImageEncoder};

use super::*;
use crate::disc::source::MemorySource;

fn read(bytes: &[u8], name: &str) -> Result<Picture> {
    let file: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    Picture::read(&file, name)
}

/// Three by two pixels: red, green, blue, and below them black, white, and see-through.
const PIXELS: [u8; 24] = [
    255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, //
    0, 0, 0, 255, 255, 255, 255, 255, 9, 9, 9, 0,
];

fn encoded(format: ImageFormat) -> Vec<u8> {
    let image = image::RgbaImage::from_raw(3, 2, PIXELS.to_vec()).unwrap();
    let image = DynamicImage::from(image);
    let image = match format {
        ImageFormat::Jpeg | ImageFormat::Pnm => DynamicImage::from(image.into_rgb8()),
        ImageFormat::Hdr => DynamicImage::from(image.into_rgb32f()),
        ImageFormat::OpenExr => DynamicImage::from(image.into_rgba32f()),
        ImageFormat::Farbfeld => DynamicImage::from(image.into_rgba16()),
        _ => image,
    };
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

const FORMATS: [ImageFormat; 12] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Gif,
    ImageFormat::WebP,
    ImageFormat::Pnm,
    ImageFormat::Tiff,
    ImageFormat::Tga,
    ImageFormat::Bmp,
    ImageFormat::Ico,
    ImageFormat::Hdr,
    ImageFormat::OpenExr,
    ImageFormat::Qoi,
];

#[test]
fn every_format_is_decoded_and_known_by_its_content() {
    for format in FORMATS.into_iter().chain([ImageFormat::Farbfeld]) {
        let bytes = encoded(format);
        let picture = read(&bytes, "x.tga").unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!((picture.size, picture.shown), ([3, 2], [3, 2]), "{format:?}");
        assert_eq!(picture.format, format_label(format));
        assert_eq!(crate::preview::FileKind::of(&bytes, "x.tga").mode, crate::preview::Mode::Picture, "{format:?}");
        if matches!(format, ImageFormat::Png | ImageFormat::Qoi | ImageFormat::Tiff) {
            assert_eq!(&picture.pixels[..], PIXELS);
            assert!(picture.is_transparent);
        }
    }
}

#[test]
fn a_picture_cut_anywhere_never_crashes() {
    for format in FORMATS {
        let bytes = encoded(format);
        for len in 0..bytes.len() {
            if let Ok(picture) = read(&bytes[..len], "x.tga") {
                assert_eq!(picture.pixels.len() as u32, picture.shown[0] * picture.shown[1] * 4);
            }
        }
    }
}

#[test]
fn a_picture_with_any_bit_changed_never_crashes() {
    for format in FORMATS {
        let bytes = encoded(format);
        for at in 0..bytes.len().min(400) {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                if let Ok(picture) = read(&changed, "x.tga") {
                    assert!(u64::from(picture.size[0]) * u64::from(picture.size[1]) <= limits::PICTURE_PIXELS);
                }
            }
        }
    }
}

fn png(width: u32, height: u32, pixels: &[u8], colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes).write_image(pixels, width, height, colour).unwrap();
    bytes
}

/// A PNG whose header claims another size, with the checksum made right again.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1, &[0], ExtendedColorType::L8);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() {
    for (width, height) in [(0x7fff_ffff, 0x7fff_ffff), (65_535, 65_535), (1, 1 << 27)] {
        let error = read(&png_that_claims(width, height), "x.png").unwrap_err();
        assert!(matches!(error, Error::Limit { .. }), "{width} × {height}: {error}");
    }
    // Within the ceiling, but there are no such pixels in the file.
    assert!(matches!(read(&png_that_claims(8000, 8000), "x.png"), Err(Error::Damaged { .. })));
    assert!(read(&png_that_claims(0, 5), "x.png").is_err());
}

#[test]
fn a_small_file_that_unpacks_to_much_stays_within_the_ceiling() {
    // 16 bits, RGBA: 8 bytes a pixel, 40 megapixels: 320 MB from some 300 KiB.
    let error = {
        let mut bytes = png_that_claims(8000, 5000);
        bytes[24..26].copy_from_slice(&[16, 6]);
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        read(&bytes, "x.png").unwrap_err()
    };
    assert!(matches!(error, Error::Limit { .. }), "{error}");
}

#[test]
fn a_large_picture_is_reduced_for_display() {
    let bytes = png(5000, 10, &vec![200; 50_000], ExtendedColorType::L8);
    let picture = read(&bytes, "x.png").unwrap();
    assert_eq!((picture.size, picture.shown), ([5000, 10], [4096, 8]));
    assert_eq!(picture.colour, "grey, 8 bits");
    assert!(picture.caption().contains("5000 × 10 pixels") && picture.caption().contains("shown at 4096 × 8"));
}

#[test]
fn a_photograph_is_turned_upright() {
    let jpeg = encoded(ImageFormat::Jpeg);
    // An Exif segment with nothing but the orientation 6: turn by 90° clockwise.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.append(&mut exif);
    bytes.extend(&jpeg[2..]);
    let picture = read(&bytes, "x.jpg").unwrap();
    assert_eq!((picture.size, picture.shown, picture.is_turned), ([2, 3], [2, 3], true));
}

#[test]
fn a_photograph_that_breaks_off_is_shown_and_that_is_said() {
    let photo = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * 4) as u8, (y * 4) as u8, (x * y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    photo.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let bytes = bytes.into_inner();
    assert!(!read(&bytes, "x.jpg").unwrap().is_cut);
    let cut = read(&bytes[..bytes.len() * 3 / 4], "x.jpg").unwrap();
    assert!(cut.is_cut && cut.caption().contains("ends too early"), "{}", cut.caption());
}

#[test]
fn the_first_picture_of_an_animation_is_shown_and_said() {
    let frame = || image::Frame::new(image::RgbaImage::from_raw(3, 2, PIXELS.to_vec()).unwrap());
    for (frames, animated) in [(1, false), (2, true)] {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        encoder.encode_frames((0..frames).map(|_| frame())).unwrap();
        drop(encoder);
        let picture = read(&bytes, "x.gif").unwrap();
        assert_eq!(picture.is_animated, animated, "{frames}");
        assert_eq!(picture.size, [3, 2]);
    }
}

#[test]
fn icons_show_their_largest_picture_and_count_the_others() {
    let icon = |side: u32| {
        image::codecs::ico::IcoFrame::as_png(
            &vec![255; (side * side * 4) as usize],
            side,
            side,
            ExtendedColorType::Rgba8,
        )
        .unwrap()
    };
    let mut bytes = Vec::new();
    image::codecs::ico::IcoEncoder::new(&mut bytes).encode_images(&[icon(16), icon(48)]).unwrap();
    let picture = read(&bytes, "x.ico").unwrap();
    assert_eq!((picture.size, &picture.sizes[..]), ([48, 48], &[[16, 16], [48, 48]][..]));

    let mut bytes = b"icns\0\0\0\0".to_vec();
    for side in [16, 32] {
        let png = png(side, side, &vec![7; (side * side) as usize], ExtendedColorType::L8);
        bytes.extend(b"icp4");
        bytes.extend((png.len() as u32 + 8).to_be_bytes());
        bytes.extend(png);
    }
    let picture = read(&bytes, "x.icns").unwrap();
    assert_eq!((picture.size, picture.sizes.len()), ([32, 32], 2));
    assert!(read(b"icns\0\0\0\x10abcd\0\0\0\0________", "x.icns").is_err());
}

#[test]
fn what_is_no_picture_is_said_in_a_sentence() {
    let error = read(b"Dear reader", "x.png").unwrap_err();
    assert_eq!(error.sentence(), "Isoscope does not decode this kind of picture");
}

#[test]
fn a_crash_of_a_decoder_is_damage() {
    let error = contained(|| -> Result<()> { panic!("index out of bounds") }).unwrap_err();
    assert!(matches!(error, Error::Damaged { structure: "picture", .. }));
}

#[test]
fn cancelling_is_no_damage() {
    struct Cancelled(MemorySource);
    impl Source for Cancelled {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            if offset >= 20 {
                Err(Error::Cancelled)
            } else {
                let len = buf.len().min(20);
                self.0.read_at(offset, &mut buf[..len])
            }
        }
    }
    for format in FORMATS {
        let mut bytes = encoded(format);
        bytes.resize(bytes.len().max(100), 0);
        let file: Arc<dyn Source> = Arc::new(Cancelled(MemorySource::new(bytes)));
        let error = Picture::read(&file, "x.tga").unwrap_err();
        assert!(error.is_cancelled(), "{format:?}: {error:?}");
    }
}
