//! Answer files: with them, Setup asks nothing. What they do is worth knowing before a computer is started with the disc.

use super::media::real_path;
use super::setup::{has_value, lines};
use crate::disc::{Error, Result, limits, text, xml};
use crate::identify::Probe;

/// Where answer files lie, and what becomes of them there.
const PLACES: [(&str, &str); 4] = [
    ("autounattend.xml", AUTOMATIC),
    ("unattend.xml", WHEN_TOLD),
    // Up to Windows XP.
    ("I386/winnt.sif", AUTOMATIC),
    ("winnt.sif", AUTOMATIC),
];

/// The same in each folder of Setup.
const PLACES_OF_SETUP: [(&str, &str); 3] = [
    ("autounattend.xml", AUTOMATIC),
    ("unattend.xml", WHEN_TOLD),
    // Where tools that write sticks put them.
    ("$OEM$/$$/Panther/unattend.xml", FIRST_START),
];

const AUTOMATIC: &str = "answers the questions of Setup, which then runs by itself";
const WHEN_TOLD: &str = "holds answers that Setup uses when it is told to";
const FIRST_START: &str = "is copied into the new Windows and answers the questions of its first start";

/// The folder with files that Setup copies, in the root or in that of Setup.
const COPIED: &str = "$OEM$";

/// What an answer file does.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct AnswerFile {
    /// Its path, not yet escaped for display.
    pub path: String,
    /// It is used without being asked for.
    pub is_automatic: bool,
    /// It erases a disk.
    pub wipes_disk: bool,
    /// It holds a password.
    pub has_password: bool,
    /// It holds a product key.
    pub has_product_key: bool,
    /// It runs commands.
    pub runs_commands: bool,
    /// It turns off what Setup asks of a computer, such as a TPM.
    pub skips_requirements: bool,
    /// Why it could not be looked into, as a plain sentence without a full stop.
    pub error: Option<String>,
}

/// The answer files in the root and in these folders of Setup, and a sentence on each of them and of the folders with files that Setup copies.
pub(super) fn find(probe: &Probe, folders: &[String]) -> Result<(Vec<AnswerFile>, Vec<String>)> {
    let (mut files, mut notes) = (Vec::new(), Vec::new());
    let in_root = PLACES.iter().map(|(path, meaning)| ((*path).to_owned(), *meaning));
    let of_setup = folders
        .iter()
        .flat_map(|folder| PLACES_OF_SETUP.iter().map(move |(path, meaning)| (format!("{folder}/{path}"), *meaning)));
    for (path, meaning) in in_root.chain(of_setup) {
        let Some(content) = probe.text(&path, limits::ANSWER_FILE)? else { continue };
        let path = real_path(probe, &path)?;
        let is_sif = text::has_extension(&path, "sif");
        let mut file = AnswerFile { path, is_automatic: meaning == AUTOMATIC, ..AnswerFile::default() };
        let size = probe.entry(&file.path)?.map_or(0, |(_, entry)| entry.size);
        if size > limits::ANSWER_FILE {
            file.error = Some(format!("It has more than the {} that Isoscope reads", text::size(limits::ANSWER_FILE)));
        } else if is_sif {
            file.look_into_sif(&content);
        } else if let Err(error) = file.look_into(&content) {
            file.error = Some(error.sentence());
        }
        notes.push(file.sentence(meaning));
        files.push(file);
    }
    for folder in folders.iter().map(String::as_str).chain([""]) {
        let path = text::join(folder, COPIED);
        if probe.folder(&path)?.is_some() {
            let path = real_path(probe, &path)?;
            let path = text::display(&path);
            notes.push(format!("“{path}” holds files that Setup copies into the new Windows, where they may be run"));
        }
    }
    Ok((files, notes))
}

impl AnswerFile {
    /// Of Windows Vista and later: XML.
    fn look_into(&mut self, content: &str) -> std::result::Result<(), Error> {
        let document = xml::parse(content, "answer file", 0)?;
        for node in document.descendants().filter(|node| node.is_element()) {
            let name = node.tag_name().name();
            let own = node.text().map(str::trim).unwrap_or_default();
            let parent = node.parent_element().map_or("", |parent| parent.tag_name().name());
            match name {
                "WillWipeDisk" | "WipeDisk" => self.wipes_disk |= own.eq_ignore_ascii_case("true"),
                "Value" => self.has_password |= parent.ends_with("Password") && !own.is_empty(),
                "Key" => self.has_product_key |= parent == "ProductKey" && !own.is_empty(),
                "ProductKey" => self.has_product_key |= !own.is_empty(),
                _ if name.ends_with("Password") => self.has_password |= !own.is_empty(),
                _ => {}
            }
            if matches!(
                name,
                "RunSynchronousCommand" | "RunAsynchronousCommand" | "SynchronousCommand" | "AsynchronousCommand"
            ) {
                self.runs_commands = true;
            }
            self.skips_requirements |= own.contains("LabConfig") && own.contains("Bypass");
        }
        Ok(())
    }

    /// Of Windows 2000 and XP: sections with lines.
    fn look_into_sif(&mut self, content: &str) {
        for (_, line) in lines(content) {
            self.has_password |= has_value(line, "AdminPassword") && !line.trim_end().ends_with('*');
            self.has_product_key |= has_value(line, "ProductKey") || has_value(line, "ProductID");
            let repartitions = line.split_once('=').filter(|(key, _)| key.trim().eq_ignore_ascii_case("Repartition"));
            self.wipes_disk |= repartitions.is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("yes"));
        }
    }

    fn sentence(&self, meaning: &str) -> String {
        let path = text::display(&self.path);
        let does = [
            (self.wipes_disk, "erases a disk without asking"),
            (self.runs_commands, "runs commands"),
            (self.has_password, "holds a password"),
            (self.has_product_key, "holds a product key"),
            (self.skips_requirements, "turns off what Setup asks of the computer"),
        ];
        let does: Vec<&str> = does.into_iter().filter(|(does, _)| *does).map(|(_, what)| what).collect();
        match (&self.error, does.as_slice()) {
            (Some(error), _) => format!("“{path}” {meaning}; it could not be looked into: {error}"),
            (None, []) => format!("“{path}” {meaning}"),
            (None, [only]) => format!("“{path}” {meaning}; it {only}"),
            (None, [others @ .., last]) => format!("“{path}” {meaning}; it {} and {last}", others.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str) -> AnswerFile {
        let mut file = AnswerFile { path: "autounattend.xml".to_owned(), ..AnswerFile::default() };
        file.look_into(content).unwrap();
        file
    }

    #[test]
    fn what_an_answer_file_does_is_told() {
        let file =
            of("<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings pass=\"windowsPE\"><component>\
             <DiskConfiguration><Disk><WillWipeDisk>true</WillWipeDisk></Disk></DiskConfiguration>\
             <UserData><ProductKey><Key>A</Key></ProductKey></UserData><RunSynchronous><RunSynchronousCommand>\
             <Path>reg add HKLM\\SYSTEM\\Setup\\LabConfig /v BypassTPMCheck</Path></RunSynchronousCommand>\
             </RunSynchronous></component></settings><settings pass=\"oobeSystem\"><component><UserAccounts>\
             <AdministratorPassword><Value>x</Value><PlainText>true</PlainText></AdministratorPassword>\
             </UserAccounts></component></settings></unattend>");
        assert_eq!(
            file.sentence(AUTOMATIC),
            "“autounattend.xml” answers the questions of Setup, which then runs by itself; it erases a disk without \
             asking, runs commands, holds a password, holds a product key and turns off what Setup asks of the computer"
        );
    }

    #[test]
    fn empty_answers_are_none() {
        let file = of("<unattend><a><WillWipeDisk>false</WillWipeDisk><ProductKey><Key/></ProductKey><Password>\
                       <Value></Value></Password></a></unattend>");
        assert_eq!(file, AnswerFile { path: file.path.clone(), ..AnswerFile::default() });
        assert!(AnswerFile::default().look_into("<unattend><a></unattend>").is_err());
    }

    #[test]
    fn answers_of_windows_xp_are_read_too() {
        let mut file = AnswerFile::default();
        file.look_into_sif(
            "[Unattended]\nRepartition=Yes\n[GuiUnattended]\nAdminPassword=*\n[UserData]\nProductKey=\"A\"",
        );
        assert_eq!((file.wipes_disk, file.has_password, file.has_product_key), (true, false, true));
    }
}
