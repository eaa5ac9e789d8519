//! Pictures, decoded within limits.
//!
//! The decoders are other people's code for formats made to be hard: each runs with a ceiling on pixels and memory, and
//! a crash inside becomes a sentence.

#[cfg(test)]
mod tests;

use std::io::{BufReader, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::disc::source::{PartSource, SourceReader};
use crate::disc::{Error, Extent, Result, Source, limits};

/// The structure that errors name.
const STRUCTURE: &str = "picture";

/// Pixels ready for display, and what is known of the picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Red, green, blue and alpha of each pixel, not premultiplied, row by row.
    pub pixels: Arc<[u8]>,
    /// Width and height of [`pixels`](Self::pixels).
    pub shown: [u32; 2],
    /// Width and height of the picture itself, turned upright. Larger than [`shown`](Self::shown) where that is reduced.
    pub size: [u32; 2],
    /// The format in words, such as `PNG`.
    pub format: &'static str,
    /// The kind of pixels in words, such as `RGB, 8 bits`.
    pub colour: &'static str,
    /// True when some pixel is not opaque.
    pub is_transparent: bool,
    /// True when the picture was turned or mirrored as its Exif data say.
    pub is_turned: bool,
    /// True when there are more pictures in the file, of which this is the first.
    pub is_animated: bool,
    /// True when the file ends before the picture does, although its decoder did not mind.
    pub is_cut: bool,
    /// Widths and heights of all pictures of an icon; empty for other files.
    pub sizes: Vec<[u32; 2]>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.caption())
    }
}

impl Picture {
    /// Decodes the picture in `file`. Its name matters only for the formats that have no mark (TGA).
    pub fn read(file: &Arc<dyn Source>, name: &str) -> Result<Self> {
        let watched = Arc::new(Watched { inner: file.clone(), is_cancelled: AtomicBool::new(false) });
        let result = contained(|| Self::decode(&(watched.clone() as Arc<dyn Source>), name));
        // Some decoders make an end of the file, or damage, of every error that they meet in reading.
        if watched.is_cancelled.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { result }
    }

    fn decode(file: &Arc<dyn Source>, name: &str) -> Result<Self> {
        let part: Arc<dyn Source> = Arc::new(PartSource::new(file.clone(), Extent::new(0, limits::PICTURE_BYTES)));
        let mut head = [0; 8];
        let len = part.read_at(0, &mut head)?;
        let head = head.get(..len).unwrap_or_default();
        if head.starts_with(b"icns") {
            return icns(&part);
        }
        let mut reader = ImageReader::new(BufReader::with_capacity(64 << 10, SourceReader::new(part.clone())));
        if let Some(format) = ImageFormat::from_path(name).ok().filter(|format| *format == ImageFormat::Tga) {
            reader.set_format(format);
        }
        let mut reader = reader.with_guessed_format().map_err(from_io)?;
        // A cursor is an icon with a hot spot.
        if head.starts_with(&[0, 0, 2, 0]) {
            reader.set_format(ImageFormat::Ico);
        }
        let format = reader.format();
        let mut picture = decode(reader, format.map_or("Picture", format_label))?;
        if format == Some(ImageFormat::Ico) {
            picture.sizes = icon_sizes(&part)?;
        }
        picture.is_animated = is_animated(&part, format)?;
        picture.is_cut = format == Some(ImageFormat::Jpeg) && !has_end_of_image(&part)?;
        Ok(picture)
    }

    /// Format, size and kind in one line.
    pub fn caption(&self) -> String {
        let [width, height] = self.size;
        let mut caption = format!("{}, {width} × {height} pixels, {}", self.format, self.colour);
        if self.is_animated {
            caption.push_str(", first picture of an animation");
        }
        if self.sizes.len() > 1 {
            caption.push_str(&format!(", largest of {} sizes", self.sizes.len()));
        }
        if self.is_cut {
            caption.push_str(", but the file ends too early");
        }
        if self.is_turned {
            caption.push_str(", turned upright");
        }
        if self.shown != self.size {
            let [width, height] = self.shown;
            caption.push_str(&format!(", shown at {width} × {height}"));
        }
        caption
    }
}

/// Remembers that the job was cancelled while the picture was read.
struct Watched {
    inner: Arc<dyn Source>,
    is_cancelled: AtomicBool,
}

impl Source for Watched {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let result = self.inner.read_at(offset, buf);
        if matches!(result, Err(Error::Cancelled)) {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// A crash of a decoder becomes damage of the picture.
fn contained<T>(decode: impl FnOnce() -> Result<T>) -> Result<T> {
    // All that a decoder leaves half done is dropped with it.
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(Error::damaged(STRUCTURE, 0, "The picture is so damaged that its decoder gave up")))
}

fn from_io(error: std::io::Error) -> Error {
    Error::from_io(error, STRUCTURE, 0)
}

fn from_image(error: image::ImageError) -> Error {
    match error {
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::damaged(STRUCTURE, 0, "The picture ends too early")
        }
        image::ImageError::IoError(error) => from_io(error),
        image::ImageError::Limits(_) => too_large("This picture"),
        image::ImageError::Unsupported(_) => {
            Error::unsupported(STRUCTURE, 0, "Isoscope does not decode this kind of picture")
        }
        other => Error::damaged(STRUCTURE, 0, format!("The picture is damaged: {other}")),
    }
}

fn too_large(what: &str) -> Error {
    Error::Limit {
        structure: STRUCTURE,
        offset: 0,
        what: what.to_owned(),
        limit: format!("{} megapixels", limits::PICTURE_PIXELS >> 20),
    }
}

fn decode<'a, R>(mut reader: ImageReader<R>, format: &'static str) -> Result<Picture>
where
    R: std::io::BufRead + std::io::Seek + 'a,
{
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits::PICTURE_BYTES);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(from_image)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels > limits::PICTURE_PIXELS {
        return Err(too_large(&format!("A picture of {width} × {height} pixels")));
    }
    if decoder.total_bytes() > limits::PICTURE_BYTES {
        let what = format!("A picture of {width} × {height} pixels with {} bytes", decoder.total_bytes());
        let limit = format!("{} MiB", limits::PICTURE_BYTES >> 20);
        return Err(Error::Limit { structure: STRUCTURE, offset: 0, what, limit });
    }
    if pixels == 0 {
        return Err(Error::damaged(STRUCTURE, 0, "The picture has no pixels"));
    }
    let colour = colour_label(decoder.color_type());
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(from_image)?;
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let size = if turned { [height, width] } else { [width, height] };
    if width > limits::PICTURE_SIDE || height > limits::PICTURE_SIDE {
        image = image.thumbnail(limits::PICTURE_SIDE, limits::PICTURE_SIDE);
    }
    image.apply_orientation(orientation);
    let image = image.into_rgba8();
    let shown = [image.width(), image.height()];
    let pixels: Arc<[u8]> = image.into_raw().into();
    let (quads, _) = pixels.as_chunks::<4>();
    let is_transparent = quads.iter().any(|[_, _, _, alpha]| *alpha < u8::MAX);
    Ok(Picture {
        pixels,
        shown,
        size,
        format,
        colour,
        is_transparent,
        is_turned: orientation != Orientation::NoTransforms,
        is_animated: false,
        is_cut: false,
        sizes: Vec::new(),
    })
}

fn format_label(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Pnm => "Netpbm",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Tga => "TGA",
        ImageFormat::Dds => "DDS",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Ico => "Icon",
        ImageFormat::Hdr => "HDR",
        ImageFormat::OpenExr => "OpenEXR",
        ImageFormat::Farbfeld => "Farbfeld",
        ImageFormat::Qoi => "QOI",
        _ => "Picture",
    }
}

fn colour_label(colour: ColorType) -> &'static str {
    match colour {
        ColorType::L8 => "grey, 8 bits",
        ColorType::La8 => "grey with alpha, 8 bits",
        ColorType::Rgb8 => "RGB, 8 bits",
        ColorType::Rgba8 => "RGB with alpha, 8 bits",
        ColorType::L16 => "grey, 16 bits",
        ColorType::La16 => "grey with alpha, 16 bits",
        ColorType::Rgb16 => "RGB, 16 bits",
        ColorType::Rgba16 => "RGB with alpha, 16 bits",
        ColorType::Rgb32F => "RGB, floating point",
        ColorType::Rgba32F => "RGB with alpha, floating point",
        _ => "unknown kind of pixels",
    }
}

fn is_animated(file: &Arc<dyn Source>, format: Option<ImageFormat>) -> Result<bool> {
    match format {
        // The chunk acTL stands before the picture data (PNG third edition, 11.3.2.1); bit 1 of the WebP flags.
        Some(ImageFormat::Png) => Ok(memchr::memmem::find(&start(file)?, b"acTL").is_some()),
        Some(ImageFormat::WebP) => {
            let start = start(file)?;
            Ok(start.get(12..16) == Some(b"VP8X") && start.get(20).is_some_and(|flags| flags & 2 != 0))
        }
        Some(ImageFormat::Gif) => has_second_frame(file),
        _ => Ok(false),
    }
}

fn start(file: &Arc<dyn Source>) -> Result<Vec<u8>> {
    crate::disc::source::read_up_to(file, Extent::new(0, 4096))
}

/// True when a GIF has two image descriptors. Only the headers of its blocks are looked at (GIF89a, 15–26).
fn has_second_frame(file: &Arc<dyn Source>) -> Result<bool> {
    let mut reader = BufReader::new(SourceReader::new(file.clone()));
    let mut header = [0; 13];
    let mut frames = 0;
    let mut skim = |reader: &mut BufReader<_>, frames: &mut u32| -> std::io::Result<()> {
        let skip = |reader: &mut BufReader<_>, bytes: u64| std::io::copy(&mut reader.take(bytes), &mut std::io::sink());
        let table = |flags: u8| if flags & 0x80 != 0 { 3_u64 << ((flags & 7) + 1) } else { 0 };
        reader.read_exact(&mut header)?;
        skip(reader, table(header[10]))?;
        loop {
            let mut byte = [0];
            reader.read_exact(&mut byte)?;
            match byte {
                [0x2c] => {
                    *frames += 1;
                    if *frames > 1 {
                        return Ok(());
                    }
                    let mut descriptor = [0; 9];
                    reader.read_exact(&mut descriptor)?;
                    skip(reader, table(descriptor[8]) + 1)?;
                }
                [0x21] => reader.read_exact(&mut byte)?,
                _ => return Ok(()),
            }
            loop {
                reader.read_exact(&mut byte)?;
                if byte == [0] {
                    break;
                }
                skip(reader, u64::from(byte[0]))?;
            }
        }
    };
    // What was decoded is shown, even if the file breaks off behind it.
    skim(&mut reader, &mut frames).unwrap_or_default();
    Ok(frames > 1)
}

/// True when the marker EOI (ITU-T T.81, B.1.1.3) stands near the end of a JPEG file; some programs append to it.
fn has_end_of_image(file: &Arc<dyn Source>) -> Result<bool> {
    const TAIL: u64 = 16 << 10;
    let tail = crate::disc::source::read_up_to(file, Extent::new(file.len().saturating_sub(TAIL), TAIL))?;
    Ok(memchr::memmem::find(&tail, b"\xff\xd9").is_some())
}

/// Widths and heights in the directory of a Windows icon; 0 stands for 256.
fn icon_sizes(file: &Arc<dyn Source>) -> Result<Vec<[u32; 2]>> {
    let start = start(file)?;
    let side = |byte: u8| if byte == 0 { 256 } else { u32::from(byte) };
    let (entries, _) = start.get(6..).unwrap_or_default().as_chunks::<16>();
    let count = start.get(4).map_or(0, |count| usize::from(*count));
    Ok(entries.iter().take(count).map(|[width, height, ..]| [side(*width), side(*height)]).collect())
}

/// The largest PNG picture of an Apple icon. The older kinds inside are left to the sizes.
fn icns(file: &Arc<dyn Source>) -> Result<Picture> {
    let mut best: Option<Picture> = None;
    let mut sizes = Vec::new();
    let mut failure = Error::unsupported(STRUCTURE, 0, "This icon holds no picture in PNG format");
    // Each element has a type and a length that counts its own header. Real icons have fewer than twenty.
    let mut at = 8;
    for _ in 0..64 {
        let mut header = [0; 16];
        if file.read_at(at, &mut header)? < header.len() {
            break;
        }
        let [_, _, _, _, a, b, c, d, data @ ..] = header;
        let len = u64::from(u32::from_be_bytes([a, b, c, d]));
        if len < 8 {
            break;
        }
        if data == *b"\x89PNG\r\n\x1a\n" {
            let extent = Extent::new(at.saturating_add(8), (len - 8).min(limits::ALLOCATION as u64));
            let bytes = crate::disc::source::read_up_to(file, extent)?;
            let mut reader = ImageReader::new(Cursor::new(bytes));
            reader.set_format(ImageFormat::Png);
            match decode(reader, "Apple icon") {
                Ok(picture) => {
                    sizes.push(picture.size);
                    if best.as_ref().is_none_or(|best| best.size < picture.size) {
                        best = Some(picture);
                    }
                }
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => failure = error,
            }
        }
        at = at.saturating_add(len);
    }
    best.map(|best| Picture { sizes, ..best }).ok_or(failure)
}
