//! The methods of the objects called as a target calls them. They run under Wine, too.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use windows::Win32::Foundation::{
    DRAGDROP_S_CANCEL, DRAGDROP_S_DROP, DV_E_FORMATETC, DV_E_LINDEX, DV_E_TYMED, S_FALSE, S_OK, STG_E_READFAULT,
};
use windows::Win32::Graphics::Gdi::{DIBSECTION, DeleteObject, GetObjectW};
use windows::Win32::System::Com::{
    CoTaskMemFree, DATADIR_GET, DVASPECT_CONTENT, FORMATETC, IDataObject, IStream, STATFLAG_DEFAULT, STATSTG,
    STREAM_SEEK_CUR, STREAM_SEEK_END, STREAM_SEEK_SET, TYMED_HGLOBAL, TYMED_ISTREAM,
};
use windows::Win32::System::Ole::{CF_UNICODETEXT, IDropSource, OleGetClipboard, OleSetClipboard, ReleaseStgMedium};
use windows::Win32::System::SystemServices::{MK_LBUTTON, MK_RBUTTON, MODIFIERKEYS_FLAGS};
use windows::Win32::UI::Shell::{IDataObjectAsyncCapability, SHCreateMemStream};
use windows_core::{HRESULT, Interface as _};

use super::data_object::Formats;
use super::descriptor::DESCRIPTOR;
use super::{DropSource, Windows, data, memory};
use crate::platform::drag_out::{Backend as _, Deliver, DragEvent, Label, Offer, Paths};
use crate::platform::files::{Attributes, Contents, Files, Node, NodeKind};

/// How reading a file goes.
#[derive(Clone, Copy)]
enum Bytes {
    Whole,
    /// Nothing from this byte on can be read.
    BrokenFrom(u64),
    /// It ends here, whatever its size says.
    EndAt(u64),
    /// It cannot be opened.
    Closed,
}

struct Entry {
    parent: Node,
    name: String,
    attributes: Attributes,
    bytes: Bytes,
}

/// A tree in memory whose files hold a pattern, so that they can be larger than any memory.
struct Fake {
    entries: Vec<Entry>,
}

impl Fake {
    fn new() -> Self {
        Self { entries: Vec::new() }
    }

    fn add(&mut self, parent: Node, name: &str, kind: NodeKind, size: u64) -> Node {
        let modified = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(981_173_106));
        let attributes = Attributes { kind, size, modified, executable: false };
        self.entries.push(Entry { parent, name: name.to_owned(), attributes, bytes: Bytes::Whole });
        Node(self.entries.len() as u64 + 1)
    }

    fn file(&mut self, parent: Node, name: &str, size: u64) -> Node {
        self.add(parent, name, NodeKind::File, size)
    }

    fn folder(&mut self, parent: Node, name: &str) -> Node {
        self.add(parent, name, NodeKind::Folder, 0)
    }

    fn entry(&self, node: Node) -> io::Result<&Entry> {
        let place = usize::try_from(node.0).unwrap().checked_sub(2).ok_or(io::ErrorKind::NotFound)?;
        self.entries.get(place).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files for Fake {
    fn attributes(&self, node: Node) -> io::Result<Attributes> {
        Ok(self.entry(node)?.attributes)
    }

    fn list(
        &self,
        folder: Node,
        from: usize,
        each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
    ) -> io::Result<()> {
        if self.entry(folder).is_ok_and(|entry| matches!(entry.bytes, Bytes::Closed)) {
            return Err(io::Error::other("it is scratched"));
        }
        let inside = (2_u64..).zip(&self.entries).filter(|(_, entry)| entry.parent == folder);
        for (place, (node, entry)) in inside.enumerate().skip(from) {
            if !each(place, &entry.name, Node(node), entry.attributes) {
                break;
            }
        }
        Ok(())
    }

    fn find(&self, _: Node, _: &str) -> io::Result<Option<(Node, Attributes)>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn parent(&self, node: Node) -> io::Result<Node> {
        Ok(self.entry(node)?.parent)
    }

    fn open(&self, file: Node) -> io::Result<Arc<dyn Contents>> {
        let Entry { attributes, bytes, .. } = self.entry(file)?;
        match bytes {
            Bytes::Closed => Err(io::ErrorKind::PermissionDenied.into()),
            bytes => Ok(Arc::new(Pattern { size: attributes.size, bytes: *bytes })),
        }
    }

    fn target(&self, _: Node) -> io::Result<String> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn volume_size(&self) -> u64 {
        0
    }
}

struct Pattern {
    size: u64,
    bytes: Bytes,
}

fn byte_at(offset: u64) -> u8 {
    (offset % 251) as u8
}

impl Contents for Pattern {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let end = match self.bytes {
            Bytes::BrokenFrom(broken) if offset.saturating_add(buf.len() as u64) > broken => {
                return Err(io::Error::other("a sector cannot be read"));
            }
            Bytes::EndAt(end) => end,
            _ => self.size,
        };
        let len = usize::try_from(end.saturating_sub(offset)).unwrap().min(buf.len());
        for (at, byte) in (offset..).zip(&mut buf[..len]) {
            *byte = byte_at(at);
        }
        Ok(len)
    }
}

/// Windows reads for itself.
struct Nobody;

impl Deliver for Nobody {
    fn deliver(&self, _: Node, _: &std::path::Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn offer(files: Fake, zone: Option<u32>) -> Offer {
    Offer {
        label: None,
        what: "3 items".to_owned(),
        size: String::new(),
        files: Arc::new(files),
        deliver: Arc::new(Nobody),
        paths: Paths::None,
        zone,
    }
}

/// A folder with a file, an empty folder, an empty file, and one of 5 GiB.
fn tree() -> Fake {
    let mut files = Fake::new();
    files.file(Node::ROOT, "big file.bin", 5 << 30);
    let folder = files.folder(Node::ROOT, "grüße & ünïcode %41");
    files.add(Node::ROOT, "link", NodeKind::Link, 3);
    files.folder(Node::ROOT, "empty folder");
    files.file(folder, "empty", 0);
    files.file(folder, "日本語.txt", 300_000);
    files
}

fn object(files: Fake, zone: Option<u32>) -> IDataObject {
    data(&offer(files, zone), Some("one\ntwo")).unwrap()
}

fn format(format: u16, index: i32, tymed: i32) -> FORMATETC {
    FORMATETC {
        cfFormat: format,
        ptd: std::ptr::null_mut(),
        dwAspect: DVASPECT_CONTENT.0,
        lindex: index,
        tymed: tymed.cast_unsigned(),
    }
}

/// What `object` gives in memory.
fn bytes(object: &IDataObject, of: u16) -> windows_core::Result<Vec<u8>> {
    // SAFETY: the format lives through the call, and the medium, which holds memory, is ours to read and release.
    unsafe {
        let mut medium = object.GetData(&format(of, -1, TYMED_HGLOBAL.0))?;
        let bytes = memory::bytes(medium.u.hGlobal, usize::MAX);
        ReleaseStgMedium(&raw mut medium);
        Ok(bytes)
    }
}

fn stream(object: &IDataObject, index: i32) -> windows_core::Result<IStream> {
    let wanted = format(Formats::register().contents, index, TYMED_ISTREAM.0);
    // SAFETY: the format lives through the call; the medium holds a stream, which is kept and released once.
    unsafe {
        let mut medium = object.GetData(&wanted)?;
        let stream = (*medium.u.pstm).clone().unwrap();
        ReleaseStgMedium(&raw mut medium);
        Ok(stream)
    }
}

/// One call of `Read`: what it said, and the bytes.
fn read(stream: &IStream, len: usize) -> (HRESULT, Vec<u8>) {
    let mut buf = vec![0xEE; len];
    let mut read = 0;
    // SAFETY: the buffer has room for as many bytes as are asked for.
    let result = unsafe { stream.Read(buf.as_mut_ptr().cast(), len as u32, Some(&raw mut read)) };
    buf.truncate(read as usize);
    (result, buf)
}

fn seek(stream: &IStream, distance: i64, from: windows::Win32::System::Com::STREAM_SEEK) -> windows_core::Result<u64> {
    let mut position = 0;
    // SAFETY: there is room for the answer.
    unsafe { stream.Seek(distance, from, Some(&raw mut position)) }.map(|()| position)
}

fn pattern(from: u64, len: usize) -> Vec<u8> {
    (from..).take(len).map(byte_at).collect()
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Path, flags, attributes, size and time of each entry of a `FILEGROUPDESCRIPTORW`.
fn described(bytes: &[u8]) -> Vec<(String, u32, u32, u64, u64)> {
    assert_eq!(bytes.len(), 4 + number(bytes, 0) as usize * DESCRIPTOR);
    let describe = |entry: &[u8]| {
        let units: Vec<u16> = entry[72..].chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        let end = units.iter().position(|unit| *unit == 0).unwrap();
        let wide = |high: usize, low: usize| u64::from(number(entry, high)) << 32 | u64::from(number(entry, low));
        let path = String::from_utf16(&units[..end]).unwrap();
        (path, number(entry, 0), number(entry, 36), wide(64, 68), wide(60, 56))
    };
    bytes[4..].chunks(DESCRIPTOR).map(describe).collect()
}

#[test]
fn the_list_has_folders_before_their_files_and_no_links() {
    let list = bytes(&object(tree(), None), Formats::register().descriptor).unwrap();
    // 2001-02-03 04:05:06, counted from 1601.
    let time = 126_256_467_060_000_000;
    let (file, folder) = (0x8000_4064, 0x8000_4024);
    let expected = [
        ("big file.bin", file, 0x80, 5 << 30),
        ("grüße & ünïcode %41", folder, 0x10, 0),
        ("empty folder", folder, 0x10, 0),
        ("grüße & ünïcode %41\\empty", file, 0x80, 0),
        ("grüße & ünïcode %41\\日本語.txt", file, 0x80, 300_000),
    ];
    let expected = expected.map(|(path, flags, attributes, size)| (path.to_owned(), flags, attributes, size, time));
    assert_eq!(described(&list), expected);
    assert_eq!((number(&list, 4 + 64), number(&list, 4 + 68)), (1, 1 << 30), "the halves of 5 GiB");
}

#[test]
fn a_time_before_windows_is_not_told() {
    let mut files = Fake::new();
    files.file(Node::ROOT, "old", 1);
    files.file(Node::ROOT, "timeless", 1);
    files.entries[0].attributes.modified = SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(20_000_000_000));
    files.entries[1].attributes.modified = None;
    for (path, flags, _, _, time) in described(&bytes(&object(files, None), Formats::register().descriptor).unwrap()) {
        assert_eq!((flags & 0x20, time), (0, 0), "{path}");
    }
}

#[test]
fn what_explorer_cannot_take_is_refused_before_the_drag() {
    let refused = |fill: &dyn Fn(&mut Fake)| {
        let mut files = Fake::new();
        fill(&mut files);
        data(&offer(files, None), None).unwrap_err()
    };
    let long = |files: &mut Fake| {
        files.file(Node::ROOT, &"ü".repeat(260), 1);
    };
    assert!(refused(&long).contains("too long"));
    let deep = |files: &mut Fake| {
        let folder = files.folder(Node::ROOT, &"a".repeat(200));
        files.file(folder, &"b".repeat(59), 1);
    };
    assert!(refused(&deep).contains("too long"));
    let mut files = Fake::new();
    files.file(Node::ROOT, &"ü".repeat(259), 1);
    assert!(data(&offer(files, None), None).is_ok());
    for name in ["..", "a\\b", "a/b", "C:", "a:b", "a\0b", ""] {
        let add = |files: &mut Fake| {
            files.file(Node::ROOT, name, 1);
        };
        assert!(refused(&add).contains("too long"), "{name:?}");
    }
    let many = |files: &mut Fake| {
        for at in 0..100_001 {
            files.file(Node::ROOT, &at.to_string(), 1);
        }
    };
    assert!(refused(&many).contains("more files"));
    let scratched = |files: &mut Fake| {
        files.folder(Node::ROOT, "inner");
        files.entries[0].bytes = Bytes::Closed;
    };
    assert_eq!(refused(&scratched), "The folder inner could not be read: it is scratched");
    let link = |files: &mut Fake| {
        files.add(Node::ROOT, "link", NodeKind::Link, 1);
    };
    assert!(refused(&link).contains("nothing"));
}

#[test]
fn a_file_is_read_to_its_end() {
    let object = object(tree(), None);
    let text = stream(&object, 4).unwrap();
    let mut whole: Vec<u8> = Vec::new();
    loop {
        let (result, part) = read(&text, 65_536);
        whole.extend_from_slice(&part);
        if part.len() < 65_536 {
            assert_eq!(result, S_FALSE);
            break;
        }
        assert_eq!(result, S_OK);
    }
    assert_eq!(whole, pattern(0, 300_000));
    assert_eq!(read(&text, 10), (S_FALSE, Vec::new()));
    assert_eq!(read(&text, 0), (S_OK, Vec::new()));
    assert_eq!(read(&stream(&object, 3).unwrap(), 10), (S_FALSE, Vec::new()), "an empty file");
}

#[test]
fn a_stream_can_be_positioned_beyond_four_gigabytes() {
    let big = stream(&object(tree(), None), 0).unwrap();
    assert_eq!(seek(&big, 0, STREAM_SEEK_END).unwrap(), 5 << 30);
    let at = (4 << 30) + 123;
    assert_eq!(seek(&big, at, STREAM_SEEK_SET).unwrap(), at.cast_unsigned());
    assert_eq!(read(&big, 1000), (S_OK, pattern(at.cast_unsigned(), 1000)));
    // SAFETY: it is a method of a stream of ours.
    let other = unsafe { big.Clone() }.unwrap();
    assert_eq!(seek(&other, -1000, STREAM_SEEK_CUR).unwrap(), at.cast_unsigned());
    assert_eq!(seek(&big, 0, STREAM_SEEK_CUR).unwrap(), at.cast_unsigned() + 1000, "the other has moved");
    assert!(seek(&big, -1, STREAM_SEEK_SET).is_ok(), "the start counts unsigned");
    assert_eq!(read(&big, 1), (S_FALSE, Vec::new()));
    assert!(seek(&other, -(6 << 30), STREAM_SEEK_CUR).is_err());
}

#[test]
fn a_stream_knows_its_size_and_name() {
    let big = stream(&object(tree(), None), 4).unwrap();
    let mut status = STATSTG::default();
    // SAFETY: there is room for the answer; the name is ours to read and free.
    let name = unsafe {
        big.Stat(&raw mut status, STATFLAG_DEFAULT).unwrap();
        let name = status.pwcsName.to_string().unwrap();
        CoTaskMemFree(Some(status.pwcsName.0.cast()));
        name
    };
    assert_eq!((name.as_str(), status.cbSize), ("日本語.txt", 300_000));
}

#[test]
fn a_stream_copies_itself_into_another() {
    let text = stream(&object(tree(), None), 4).unwrap();
    // SAFETY: it starts with nothing.
    let target = unsafe { SHCreateMemStream(None) }.unwrap();
    let (mut got, mut put) = (0, 0);
    // SAFETY: there is room for both counts.
    unsafe { text.CopyTo(&target, u64::MAX, Some(&raw mut got), Some(&raw mut put)) }.unwrap();
    assert_eq!((got, put), (300_000, 300_000));
    seek(&target, 0, STREAM_SEEK_SET).unwrap();
    assert_eq!(read(&target, 300_000).1, pattern(0, 300_000));
}

#[test]
fn what_cannot_be_read_is_an_error_and_never_a_shorter_file() {
    for bytes in [Bytes::BrokenFrom(1000), Bytes::EndAt(1000), Bytes::Closed] {
        let mut files = Fake::new();
        files.file(Node::ROOT, "a", 3000);
        files.entries[0].bytes = bytes;
        let broken = stream(&object(files, None), 0).unwrap();
        if !matches!(bytes, Bytes::Closed) {
            assert_eq!(read(&broken, 900), (S_OK, pattern(0, 900)));
        }
        assert_eq!(read(&broken, 900).0, STG_E_READFAULT);
        // SAFETY: it starts with nothing, and nobody asks for the counts.
        let copied = unsafe { broken.CopyTo(&SHCreateMemStream(None).unwrap(), u64::MAX, None, None) };
        assert_eq!(copied.unwrap_err().code(), STG_E_READFAULT);
    }
}

#[test]
fn the_formats_are_listed_and_no_others_are_had() {
    let object = object(tree(), Some(3));
    let formats = Formats::register();
    let mut list = [FORMATETC::default(); 10];
    let mut count = 0;
    // SAFETY: there is room for as many formats as are asked for.
    unsafe {
        let listed = object.EnumFormatEtc(DATADIR_GET.0.cast_unsigned()).unwrap();
        assert_eq!(listed.Next(&mut list, Some(&raw mut count)), S_FALSE);
    }
    let listed: Vec<_> = list[..count as usize].iter().map(|format| (format.cfFormat, format.tymed as i32)).collect();
    let memory = TYMED_HGLOBAL.0;
    assert_eq!(
        listed,
        [
            (formats.descriptor, memory),
            (formats.contents, TYMED_ISTREAM.0),
            (formats.preferred_effect, memory),
            (formats.zone, memory),
            (CF_UNICODETEXT.0, memory),
        ]
    );
    assert_eq!(bytes(&object, formats.preferred_effect).unwrap(), [1, 0, 0, 0]);
    assert_eq!(bytes(&object, formats.zone).unwrap(), [3, 0, 0, 0]);
    let text: Vec<u8> = "one\r\ntwo\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(bytes(&object, CF_UNICODETEXT.0).unwrap(), text);
    // SAFETY: the formats live through the calls.
    let query = |format: FORMATETC| unsafe { object.QueryGetData(&format) };
    assert_eq!(query(format(formats.descriptor, -1, memory | TYMED_ISTREAM.0)), S_OK);
    assert_eq!(query(format(formats.descriptor, -1, TYMED_ISTREAM.0)), DV_E_TYMED);
    assert_eq!(query(format(1, -1, memory)), DV_E_FORMATETC);
    assert_eq!(bytes(&object, 1).unwrap_err().code(), DV_E_FORMATETC);
    for index in [-1, 1, 2, 5, i32::MAX] {
        assert_eq!(stream(&object, index).unwrap_err().code(), DV_E_LINDEX, "{index}");
    }
}

#[test]
fn what_a_target_leaves_is_kept() {
    let object = object(tree(), None);
    let formats = Formats::register();
    let leave = |of: u16, what: &[u8]| {
        let medium = memory::medium(what).unwrap();
        // SAFETY: format and medium live through the call; the medium is given away when that works.
        unsafe { object.SetData(&format(of, -1, TYMED_HGLOBAL.0), &raw const medium, true) }
    };
    assert_eq!(bytes(&object, 0xC123).unwrap_err().code(), DV_E_FORMATETC);
    leave(0xC123, b"first").unwrap();
    leave(0xC123, b"second!!").unwrap();
    assert!(bytes(&object, 0xC123).unwrap().starts_with(b"second!!"));
    assert!(leave(formats.descriptor, b"other files").is_err());
    assert_eq!(described(&bytes(&object, formats.descriptor).unwrap()).len(), 5);
}

#[test]
fn a_stream_that_the_shell_leaves_is_kept() {
    let object = object(tree(), None);
    // SAFETY: it copies what it starts with.
    let kept = unsafe { SHCreateMemStream(Some(b"picture")) }.unwrap();
    let medium = super::data_object::medium_of(kept);
    // SAFETY: format and medium live through the call; the medium is given away when that works.
    unsafe { object.SetData(&format(0xC124, -1, TYMED_ISTREAM.0), &raw const medium, true) }.unwrap();
    // SAFETY: the format lives through the call, and `tymed` is that of a stream.
    let stream = unsafe {
        let mut found = object.GetData(&format(0xC124, -1, TYMED_ISTREAM.0)).unwrap();
        let stream = (*found.u.pstm).clone().unwrap();
        ReleaseStgMedium(&raw mut found);
        stream
    };
    assert_eq!(read(&stream, 7).1, b"picture");
    assert!(bytes(&object, 0xC124).is_err(), "it is no memory");
}

#[test]
fn the_picture_under_the_pointer_is_that_of_the_label() {
    let label = Label { width: 2, height: 2, scale: 1, rgba: (0..4).flat_map(|at| [at * 10, 0, 200, 255]).collect() };
    let bitmap = super::picture::bitmap(&label).unwrap();
    let mut found = DIBSECTION::default();
    let size = i32::try_from(size_of::<DIBSECTION>()).unwrap();
    // SAFETY: there is room for what is asked; the bitmap lives until its pixels were read.
    let pixels = unsafe {
        assert_eq!(GetObjectW(bitmap.into(), size, Some((&raw mut found).cast())), size);
        let pixels = std::slice::from_raw_parts(found.dsBm.bmBits.cast::<u8>(), 16).to_vec();
        assert!(DeleteObject(bitmap.into()).as_bool());
        pixels
    };
    assert_eq!((found.dsBm.bmWidth, found.dsBm.bmHeight, found.dsBm.bmBitsPixel), (2, 2, 32));
    assert_eq!(pixels, label.bgra());
    assert!(super::picture::bitmap(&Label { width: 3, ..label }).is_err());
}

#[test]
fn targets_may_read_in_a_thread_of_their_own() {
    let object = object(tree(), None);
    let capability: IDataObjectAsyncCapability = object.cast().unwrap();
    // SAFETY: they are methods of an object of ours.
    unsafe {
        assert!(capability.GetAsyncMode().unwrap().as_bool());
        assert!(!super::is_read(&object));
        capability.StartOperation(None).unwrap();
        assert!(super::is_read(&object));
        capability.EndOperation(S_OK, None, 1).unwrap();
        assert!(!super::is_read(&object));
    }
}

#[test]
fn a_drag_ends_with_the_button_and_is_given_up_with_escape() {
    let source: IDropSource = DropSource.into();
    // SAFETY: it is a method of an object of ours.
    let next = |escape: bool, keys: MODIFIERKEYS_FLAGS| unsafe { source.QueryContinueDrag(escape, keys) };
    assert_eq!(next(false, MK_LBUTTON), S_OK);
    assert_eq!(next(false, MODIFIERKEYS_FLAGS(0)), DRAGDROP_S_DROP);
    assert_eq!(next(true, MK_LBUTTON), DRAGDROP_S_CANCEL);
    assert_eq!(next(false, MODIFIERKEYS_FLAGS(MK_LBUTTON.0 | MK_RBUTTON.0)), DRAGDROP_S_CANCEL);
}

#[test]
fn what_is_copied_can_be_pasted_until_something_else_is() {
    let mut window = Windows::new();
    window.copy(offer(tree(), None), "names".to_owned()).unwrap();
    assert_eq!(window.poll(), []);
    // SAFETY: the thread uses OLE, by the window.
    let pasted = unsafe { OleGetClipboard() }.unwrap();
    assert_eq!(described(&bytes(&pasted, Formats::register().descriptor).unwrap()).len(), 5);
    assert_eq!(read(&stream(&pasted, 4).unwrap(), 300_000).1, pattern(0, 300_000));
    drop(pasted);
    // SAFETY: as above.
    unsafe { OleSetClipboard(None::<&IDataObject>) }.unwrap();
    assert_eq!(window.poll(), [DragEvent::CopyReplaced]);
    assert_eq!(window.poll(), []);
    window.copy(offer(tree(), None), "names".to_owned()).unwrap();
    drop(window);
    let window = Windows::new();
    // SAFETY: as above.
    let pasted = unsafe { OleGetClipboard() }.unwrap();
    assert!(bytes(&pasted, Formats::register().descriptor).is_err(), "the files went with their window");
    drop(window);
}
