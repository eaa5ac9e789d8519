//! The menu of the Windows Boot Manager: a boot configuration data store, which is a registry hive (Microsoft, “Boot
//! Configuration Data in Windows Vista”; the numbers of elements after Geoff Chappell, “BCD Elements”).

use std::time::Duration;

use super::hive::{self, Hive, Key};
use super::lookup::{Want, refer};
use super::model::{Entry, FileRef, Loader, Menu, Place, Timeout};
use super::text::Reader;

/// Where the boot manager looks: for a BIOS, and for UEFI.
const PLACES: [&str; 2] = ["boot/bcd", "EFI/Microsoft/Boot/BCD"];

/// The object of the boot manager itself.
const BOOTMGR: &str = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";

/// Elements of all objects.
const DEVICE: u32 = 0x1100_0001;
const PATH: u32 = 0x1200_0002;
const DESCRIPTION: u32 = 0x1200_0004;
const LOAD_OPTIONS: u32 = 0x1200_0030;
/// Elements of the boot manager.
const DISPLAY_ORDER: u32 = 0x2400_0001;
const DEFAULT: u32 = 0x2300_0003;
const TIMEOUT: u32 = 0x2500_0004;
const TOOLS_ORDER: u32 = 0x2400_0010;
/// An element of the options of a RAM disk.
const SDI_PATH: u32 = 0x3200_0004;

/// Seconds that the boot manager waits when the store does not say.
const USUAL_TIMEOUT: u64 = 30;

/// The menus that are there.
pub(super) fn menus(reader: &Reader<'_>) -> Vec<Menu> {
    let mut menus: Vec<Menu> = Vec::new();
    for path in PLACES.iter().filter_map(|path| reader.find(path)) {
        if menus.iter().all(|menu| menu.path != path) {
            menus.push(menu(reader, &path));
        }
    }
    menus
}

fn menu(reader: &Reader<'_>, path: &str) -> Menu {
    let mut menu = Menu::new(path, Loader::WindowsBootManager);
    let Some(bytes) = reader.bytes(path, &mut menu.diagnostics) else { return menu };
    let Some(hive) = Hive::new(&bytes) else {
        menu.diagnostics.warning(path, 0, "The file is not a registry hive");
        return menu;
    };
    if !hive.is_finished() {
        menu.diagnostics.info(path, 0, "The last change of the file may not be complete");
    }
    let Some(objects) = hive.root().and_then(|root| hive.subkey(&root, "Objects")) else {
        menu.diagnostics.warning(path, 0, "The registry hive holds no boot objects");
        return menu;
    };
    let store = Store { reader, hive, objects };
    let Some(manager) = store.object(BOOTMGR) else {
        menu.diagnostics.warning(path, 0, "The boot manager is not among the boot objects");
        return menu;
    };
    let seconds =
        store.element(&manager, TIMEOUT).and_then(|data| data.first_chunk().map(|data| u64::from_le_bytes(*data)));
    menu.timeout = Timeout::After(Duration::from_secs(seconds.unwrap_or(USUAL_TIMEOUT)));
    menu.default = store.text(&manager, DEFAULT);
    let mut order = store.texts(&manager, DISPLAY_ORDER);
    if order.is_empty() {
        order.extend(menu.default.clone());
    }
    order.extend(store.texts(&manager, TOOLS_ORDER));
    for id in order {
        let Some(object) = store.object(&id) else {
            menu.diagnostics.warning(path, 0, format!("The entry {id} is not among the boot objects"));
            continue;
        };
        menu.push(store.entry(&object, path));
    }
    let default = menu.default.clone().unwrap_or_default();
    let is_default = |entry: &Entry| entry.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&default));
    menu.default_entry = menu.entries.iter().position(is_default);
    menu
}

struct Store<'a> {
    reader: &'a Reader<'a>,
    hive: Hive<'a>,
    objects: Key,
}

impl Store<'_> {
    fn object(&self, id: &str) -> Option<Key> {
        self.hive.subkey(&self.objects, id)
    }

    /// The data of an element: the value `Element` of the key that is called by its number.
    fn element(&self, object: &Key, number: u32) -> Option<Vec<u8>> {
        let elements = self.hive.subkey(object, "Elements")?;
        let element = self.hive.subkey(&elements, &format!("{number:08x}"))?;
        self.hive.value(&element, "Element")
    }

    fn text(&self, object: &Key, number: u32) -> Option<String> {
        self.element(object, number).map(|data| hive::utf16(&data)).filter(|text| !text.is_empty())
    }

    /// A list of texts, each with a NUL behind it.
    fn texts(&self, object: &Key, number: u32) -> Vec<String> {
        let data = self.element(object, number).unwrap_or_default();
        let units = data.as_chunks::<2>().0;
        let texts = units.split(|unit| *unit == [0, 0]).map(|text| hive::utf16(text.as_flattened()));
        texts.filter(|text| !text.is_empty()).collect()
    }

    fn entry(&self, object: &Key, path: &str) -> Entry {
        let place = Place { path: path.to_owned(), line: 0, offset: object.offset };
        let title = self.text(object, DESCRIPTION).unwrap_or_else(|| object.name.clone());
        let mut entry = Entry::new(title, 0, place);
        entry.id = Some(object.name.clone());
        entry.command_line = self.text(object, LOAD_OPTIONS);
        let device = self.element(object, DEVICE).map_or(Device::Unknown, |data| Device::of(&data));
        let program = self.text(object, PATH);
        let elsewhere = |why: &str| program.as_deref().map(|program| FileRef::cannot_tell(program, why));
        entry.kernel = match &device {
            Device::Boot => program.as_deref().map(|program| self.file(program)),
            Device::RamDisk { file, .. } => elsewhere(&format!("The program lies inside of {file}")),
            Device::Partition => elsewhere("The program lies on a partition of the computer"),
            Device::Unknown => elsewhere("Where the program lies is known only when the computer starts"),
        };
        if let Device::RamDisk { file, options } = &device {
            entry.initrds.push(self.file(file));
            let sdi = self.object(options).and_then(|options| self.text(&options, SDI_PATH));
            entry.modules.extend(sdi.map(|sdi| self.file(&sdi)));
        }
        entry
    }

    fn file(&self, written: &str) -> FileRef {
        refer(self.reader.files, written, &written.replace('\\', "/"), Want::File)
    }
}

/// Where a program lies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Device {
    /// Where the boot manager was started from.
    Boot,
    /// An image that is loaded into memory, and the object with the options for that.
    RamDisk {
        file: String,
        options: String,
    },
    Partition,
    Unknown,
}

impl Device {
    /// A GUID of further options, a number for the kind, and what belongs to that. Of a RAM disk only its file is looked
    /// for, which is the text that starts with a backslash.
    fn of(data: &[u8]) -> Self {
        let rest = data.get(16..).unwrap_or_default();
        let file = (0..rest.len()).step_by(2).find_map(|at| {
            let text = rest.get(at..).filter(|text| text.starts_with(b"\\\0")).map(hive::utf16)?;
            (text.len() > 1 && text.chars().all(|c| !c.is_control())).then_some(text)
        });
        match (hive::u32_at(rest, 0), file) {
            (Some(0), Some(file)) => Self::RamDisk { file, options: guid(data) },
            (Some(5), _) => Self::Boot,
            (Some(2 | 6), _) => Self::Partition,
            _ => Self::Unknown,
        }
    }
}

/// The GUID at the start of `data` as objects are called.
fn guid(data: &[u8]) -> String {
    let Some(bytes) = data.first_chunk::<16>() else { return String::new() };
    format!("{{{}}}", crate::disc::boot::gpt::Guid(*bytes))
}

#[cfg(test)]
mod tests {
    use super::super::lookup::Memory;
    use super::super::model::FileState;
    use super::*;

    /// Makes hives: cells one behind the other in one hive bin.
    struct Maker(Vec<u8>);

    impl Maker {
        fn cell(&mut self, content: &[u8]) -> u32 {
            let place = u32::try_from(self.0.len()).unwrap();
            let length = (content.len() + 4).next_multiple_of(8);
            self.0.extend((-i32::try_from(length).unwrap()).to_le_bytes());
            self.0.extend(content);
            self.0.resize(usize::try_from(place).unwrap() + length, 0);
            place
        }

        fn value(&mut self, name: &str, data: &[u8]) -> u32 {
            let mut cell = b"vk".to_vec();
            cell.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            let (size, place) = match *data {
                [a, b, c, d] => (0x8000_0004, u32::from_le_bytes([a, b, c, d])),
                _ => (u32::try_from(data.len()).unwrap(), self.cell(data)),
            };
            cell.extend([size, place, 3].map(u32::to_le_bytes).as_flattened());
            cell.extend([1, 0, 0, 0]);
            cell.extend(name.as_bytes());
            self.cell(&cell)
        }

        fn key(&mut self, name: &str, subkeys: &[u32], values: &[u32], list: &[u8; 2]) -> u32 {
            let mut cell = list.to_vec();
            cell.extend(u16::try_from(subkeys.len()).unwrap().to_le_bytes());
            for subkey in subkeys {
                cell.extend(subkey.to_le_bytes());
                cell.extend(if list == b"li" { &[][..] } else { &[0; 4] });
            }
            let subkey_list = self.cell(&cell);
            let value_list =
                self.cell(values.iter().map(|value| value.to_le_bytes()).collect::<Vec<_>>().as_flattened());
            let mut cell = vec![0; 76];
            cell[..4].copy_from_slice(&[b'n', b'k', 0x20, 0]);
            cell[20..24].copy_from_slice(&u32::try_from(subkeys.len()).unwrap().to_le_bytes());
            cell[28..32].copy_from_slice(&subkey_list.to_le_bytes());
            cell[36..40].copy_from_slice(&u32::try_from(values.len()).unwrap().to_le_bytes());
            cell[40..44].copy_from_slice(&value_list.to_le_bytes());
            cell[72..74].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            cell.extend(name.as_bytes());
            self.cell(&cell)
        }

        fn object(&mut self, id: &str, elements: &[(u32, Vec<u8>)]) -> u32 {
            let mut keys = Vec::new();
            for (number, data) in elements {
                let value = self.value("Element", data);
                keys.push(self.key(&format!("{number:08X}"), &[], &[value], b"lf"));
            }
            let elements = self.key("Elements", &keys, &[], b"lh");
            let kind = self.value("Type", &[3, 0, 0x20, 0x10]);
            let description = self.key("Description", &[], &[kind], b"lf");
            self.key(id, &[description, elements], &[], b"li")
        }

        fn hive(mut self, objects: &[u32]) -> Vec<u8> {
            let objects = self.key("Objects", objects, &[], b"lf");
            let root = self.key("NewStoreRoot", &[objects], &[], b"lf");
            let mut bytes = vec![0; 4096];
            bytes[..4].copy_from_slice(b"regf");
            bytes[36..40].copy_from_slice(&root.to_le_bytes());
            bytes.extend(self.0);
            bytes
        }
    }

    fn text(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    const SETUP: &str = "{11111111-0000-0000-0000-000000000001}";
    const MEMORY: &str = "{11111111-0000-0000-0000-000000000002}";
    const RAM_DISK: &str = "{04030201-0605-0807-0900-000000000000}";

    fn store() -> Vec<u8> {
        let mut maker = Maker(b"hbin".to_vec());
        maker.0.resize(32, 0);
        let mut ram_disk = vec![1, 2, 3, 4, 5, 6, 7, 8, 9];
        ram_disk.resize(48, 0);
        ram_disk.extend(text("\\sources\\boot.wim"));
        let mut boot = vec![0; 16];
        boot.extend([5, 0, 0, 0, 0, 0]);
        let order = [text(SETUP), text("{nowhere}"), vec![0, 0]].concat();
        let objects = [
            maker.object(
                BOOTMGR,
                &[
                    (DISPLAY_ORDER, order),
                    (DEFAULT, text(&SETUP.to_uppercase())),
                    (TIMEOUT, 7_u64.to_le_bytes().to_vec()),
                    (TOOLS_ORDER, [text(MEMORY), vec![0, 0]].concat()),
                ],
            ),
            maker.object(
                SETUP,
                &[(DESCRIPTION, text("An installer")), (DEVICE, ram_disk), (PATH, text("\\windows\\x.exe"))],
            ),
            maker.object(MEMORY, &[(DESCRIPTION, text("A test")), (DEVICE, boot), (PATH, text("\\boot\\Test.exe"))]),
            maker.object(RAM_DISK, &[(SDI_PATH, text("\\boot\\boot.sdi"))]),
        ];
        maker.hive(&objects)
    }

    fn read(store: Vec<u8>) -> Menu {
        let files = [("boot/bcd", store), ("sources/boot.wim", Vec::new()), ("boot/test.exe", Vec::new())];
        let files = Memory(files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect());
        menus(&Reader::new(&files)).remove(0)
    }

    #[test]
    fn entries_in_their_order_with_what_they_load() {
        let menu = read(store());
        assert_eq!((&menu.timeout, menu.default_entry), (&Timeout::After(Duration::from_secs(7)), Some(0)));
        let titles: Vec<_> = menu.entries.iter().map(|entry| &*entry.title).collect();
        assert_eq!(titles, ["An installer", "A test"]);
        let setup = &menu.entries[0];
        assert!(matches!(setup.kernel.as_ref().unwrap().state, FileState::CannotTell(_)));
        assert_eq!(setup.initrds[0].state, FileState::Exists);
        assert_eq!(
            (&setup.modules[0].state, setup.modules[0].path.as_deref()),
            (&FileState::Missing, Some("boot/boot.sdi"))
        );
        let test = menu.entries[1].kernel.as_ref().unwrap();
        assert_eq!(test.state, FileState::ExistsAs("boot/test.exe".to_owned()));
        assert_eq!(menu.diagnostics.items().len(), 1, "{:?}", menu.diagnostics);
    }

    #[test]
    fn damage_does_no_harm() {
        let good = store();
        for at in 0..good.len() {
            for value in [0, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                read(bad);
            }
        }
        for length in (0..good.len()).step_by(7) {
            read(good[..length].to_vec());
        }
    }
}
