//! Whether and how a disc starts, in the window.

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use isoscope::app::Command;
use isoscope::app::boot::{BootWish, Pick, Tab};
use isoscope::app::place::Place;
use isoscope::app::preview::Selected;
use isoscope::app::state::Origin;
use isoscope::boot::chain::Stage;
use isoscope::disc::part::PartGroup;
use isoscope::job::PreviewSubject;

use crate::harness::TestWindow;
use crate::sides::{Written, says};
use crate::support::boot_disc::{BootDisc, MENUS, SHIM, revocation_list};
use crate::support::builder::Disc;
use crate::support::fixtures;

/// The tab of this disc.
fn tab(name: &str) -> (Written, TestWindow) {
    let image = Written::new("disc.iso", &fixtures::bytes(name));
    let mut window = image.window();
    window.harness.get_by_role_and_label(Role::Tab, "Boot").click();
    window.settle();
    window.settle();
    (image, window)
}

fn step(window: &TestWindow, stage: Stage) -> usize {
    let chain = &window.disc().boot.study.as_ref().unwrap().chain;
    chain.steps.iter().position(|step| step.stage == stage).unwrap()
}

#[test]
fn the_tab_answers_shows_the_way_and_leads_to_bytes() {
    let (_image, mut window) = tab("x-isohybrid.iso");
    let study = window.disc().boot.study.clone().unwrap();
    assert!(study.is_complete() && window.disc().boot.running.is_none());
    for part in ["From a disc", "How it starts", "Layout", "Structures"] {
        assert!(says(&window, part), "{part}");
    }
    // Every verdict is a cell with a word, and every step a card.
    let verdicts = window.harness.query_all_by_label_contains(", From a ").count();
    assert_eq!(verdicts, study.verdicts.len());
    let bios = study.verdicts.iter().position(|verdict| verdict.arch == "x86").unwrap();
    window.harness.get_by_label_contains("PC with a BIOS, From a disc").click();
    window.settle();
    assert_eq!(window.disc().boot.pick, Some(Pick::Verdict(bios)));
    assert!(says(&window, &study.verdicts[bios].why), "the reason is told");

    // A step that is bytes is shown in hex, and the layout says whose they are.
    let structure = step(&window, Stage::Structure);
    window.command(Command::Boot(BootWish::Pick(Some(Pick::Step(structure)))));
    assert!(matches!(&window.disc().preview.selected, Selected::One(PreviewSubject::Image(_))));
    let (first, _) = window.disc().preview.pointed_in_image().unwrap();
    let owner = study.layout.at(first).next().unwrap().label();
    assert!(says(&window, &owner), "{owner}");
    window.command(Command::Boot(BootWish::Bytes(440, 4)));
    assert_eq!(window.disc().preview.pointed_in_image(), Some((440, 443)));
    assert!(says(&window, "Disk signature"), "the smallest owner is named");
    window.key(Key::Escape);
    assert!(window.disc().boot.pick.is_none() && !window.disc().boot.aside);

    // Going somewhere on the disc shows the files again, with the preview of what is selected.
    window.command(Command::Go(Place::Parts(PartGroup::BootImages)));
    assert_eq!(window.disc().tab, Tab::Files);
    window.keys(Modifiers::COMMAND, Key::Num2);
    assert_eq!(window.disc().tab, Tab::Boot);
    window.keys(Modifiers::COMMAND, Key::Num1);
    assert_eq!(window.disc().tab, Tab::Files);
}

#[test]
fn all_of_it_is_copied_as_the_text_of_the_command_line() {
    let (image, mut window) = tab("x-isohybrid.iso");
    window.harness.get_by_role_and_label(Role::Button, "Copy as text").click();
    window.harness.step();
    let commands = &window.harness.output().platform_output.commands;
    let copied = commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.or_else(|| {
        // The click is carried out in the frame after it.
        window.harness.step();
        let commands = &window.harness.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    let program =
        std::process::Command::new(env!("CARGO_BIN_EXE_isoscope")).arg("boot").arg(&image.path).output().unwrap();
    assert_eq!(copied.unwrap(), String::from_utf8(program.stdout).unwrap());
}

#[test]
fn a_list_of_revoked_programs_is_honoured_and_one_that_is_none_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let efi = [(SHIM, "EFI/BOOT/BOOTX64.EFI")];
    let disc = BootDisc { efi: &efi, files: &MENUS }.write(folder.path(), "disc");
    let mut window = TestWindow::open(Origin::File(disc));
    window.command(Command::ShowBoot);
    let shim = |window: &TestWindow| {
        let study = window.disc().boot.study.clone().unwrap();
        study.report.programs.iter().find(|file| file.path == "EFI/BOOT/BOOTX64.EFI").unwrap().clone()
    };
    assert!(!shim(&window).revoked.is_revoked());
    let list = revocation_list(&shim(&window).signatures.unwrap().digests.sha256());
    let [good, bad] = ["dbx.bin", "text"].map(|name| folder.path().join(name));
    std::fs::write(&good, list).unwrap();
    std::fs::write(&bad, "no list").unwrap();
    window.command(Command::Boot(BootWish::UseList(Some(good))));
    assert!(shim(&window).revoked.is_revoked());
    window.command(Command::Boot(BootWish::UseList(Some(bad))));
    assert!(window.disc().boot.list.is_none() && window.state().messages.len() == 1);
    assert!(window.disc().boot.trouble.is_none(), "what is known stays");
}

#[test]
fn the_picture_is_saved_in_either_form() {
    let (image, mut window) = tab("x-isohybrid.iso");
    let [png, svg] = ["boot.png", "boot.svg"].map(|name| image.path.with_file_name(name));
    for path in [&png, &svg] {
        window.command(Command::Boot(BootWish::SavePicture(path.clone())));
    }
    assert!(std::fs::read(png).unwrap().starts_with(b"\x89PNG"));
    assert!(std::fs::read(svg).unwrap().starts_with(b"<svg "));
    assert!(says(&window, "The picture was saved"));
    window.command(Command::Boot(BootWish::SavePicture(image.path.with_file_name("no such folder/boot.png"))));
    assert!(says(&window, "The file could not be saved"));
}

#[test]
fn a_disc_that_starts_nowhere_says_so_and_has_no_picture() {
    let mut disc = Disc::rock_ridge();
    disc.rr_file(crate::support::builder::ROOT, "file.txt", b"text");
    let image = Written::new("files.iso", &disc.build().bytes);
    let mut window = image.window();
    window.command(Command::ShowBoot);
    assert!(says(&window, "No PC starts it as it is"));
    assert!(!says(&window, "How it starts"));
    assert!(window.disc().boot.study.as_ref().unwrap().chain.steps.is_empty());
}

#[test]
fn boot_images_with_files_are_opened_like_folders() {
    let folder = tempfile::tempdir().unwrap();
    let disc = BootDisc { efi: &[(SHIM, "EFI/BOOT/BOOTX64.EFI")], files: &MENUS }.write(folder.path(), "disc");
    let mut window = TestWindow::open(Origin::File(disc));
    window.command(Command::Go(Place::Parts(PartGroup::BootImages)));
    window.command(Command::OpenRow(0));
    assert_eq!(window.disc().place, Place::Parts(PartGroup::BootImages), "ISOLINUX holds no files");
    window.command(Command::OpenRow(1));
    assert_eq!(window.disc().tree_id().to_string(), "fat");
    assert_eq!(window.disc().listing.rows.display_name(window.disc().listing.item(0).unwrap()), "EFI");
    assert!(says(&window, "Tree: Files in "));
}

#[test]
fn the_sample_disc_has_a_boot_tab_too() {
    let mut window = TestWindow::open(Origin::Sample);
    window.command(Command::ShowBoot);
    assert!(window.disc().boot.study.is_some() && window.disc().boot.trouble.is_none());
}
