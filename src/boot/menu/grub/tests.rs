//! What a script of GRUB is understood to say.

use std::time::Duration;

use crate::boot::menu::lookup::Memory;
use crate::boot::menu::{Entry, FileState, Menu, Timeout, menus_in};

fn read_all(script: &str, more: &[(&str, &str)]) -> Vec<Menu> {
    let mut files = vec![("boot/grub/grub.cfg", script), ("k", ""), ("i", ""), ("boot/j", "")];
    files.extend(more);
    menus_in(&Memory::new(&files), &["MY DISC"])
}

fn read(script: &str) -> Menu {
    read_all(script, &[]).remove(0)
}

fn kernel(entry: &Entry) -> &FileState {
    &entry.kernel.as_ref().unwrap().state
}

#[test]
fn entries_submenus_options_and_settings() {
    let menu = read(
        "# comment\nset timeout=10\nset default=\"1>0\"\n\
         menuentry 'It'\\''s one' --class x --hotkey=o --id first {\n  linux /k quiet splash=\"a b\" \\\n    last\n  initrd /i /gone\n}\n\
         submenu \"More ...\" --class y {\n menuentry inner { linux16 /K ; initrd16 /boot/j\n }\n\
         submenu deep { menuentry deeper { chainloader +1 } }\n}\nmenuentry last { halt }\n",
    );
    assert_eq!(menu.timeout, Timeout::After(Duration::from_secs(10)));
    let titles: Vec<_> = menu.entries.iter().map(|entry| (entry.depth, &*entry.title)).collect();
    assert_eq!(titles, [(0, "It's one"), (0, "More ..."), (1, "inner"), (1, "deep"), (2, "deeper"), (0, "last")]);
    assert_eq!(menu.default_entry, Some(2));
    let first = &menu.entries[0];
    assert_eq!((first.id.as_deref(), first.hotkey.as_deref()), (Some("first"), Some("o")));
    assert_eq!(first.command_line.as_deref(), Some("quiet splash=a b last"));
    assert_eq!((kernel(first), &first.initrds[1].state), (&FileState::Exists, &FileState::Missing));
    assert_eq!((first.definition.line, menu.entries[1].submenu), (4, true));
    assert_eq!(kernel(&menu.entries[2]), &FileState::ExistsAs("k".to_owned()));
    assert!(matches!(menu.entries[4].chainloads[0].state, FileState::CannotTell(_)));
    assert!(menu.entries[5].action.is_some());
    assert_eq!(menu.diagnostics.items(), []);
}

#[test]
fn variables_are_put_in_and_unknown_ones_stay_visible() {
    let menu = read(
        "set dir=/boot\nset opts='a b'\nmenuentry \"One $dir\" { linux ${dir}/j $opts \"$opts\" c=$unknown }\n\
         menuentry two { linux $where/k x }\nmenuentry three { set dir=/none; linux $dir/j }\nset opts=late\n\
         menuentry four { linux ($root)/k ; initrd (hd0,1)/i (cd0)/i $empty}\nmenuentry five { set root=(hd0) ; linux /k }\n",
    );
    let entry = |at: usize| &menu.entries[at];
    assert_eq!((&*entry(0).title, kernel(entry(0))), ("One /boot", &FileState::Exists));
    // Entries see variables as they are when the user chooses.
    assert_eq!(entry(0).command_line.as_deref(), Some("late late c=${unknown}"));
    assert!(matches!(kernel(entry(1)), FileState::CannotTell(_)));
    assert_eq!(entry(1).kernel.as_ref().unwrap().as_written, "${where}/k");
    assert_eq!(kernel(entry(2)), &FileState::Missing);
    assert_eq!(kernel(entry(3)), &FileState::Exists);
    assert!(matches!(entry(3).initrds[0].state, FileState::CannotTell(_)));
    assert_eq!(entry(3).initrds[0].path.as_deref(), Some("i"));
    assert_eq!(entry(3).initrds[1].state, FileState::Exists);
    assert!(matches!(kernel(entry(4)), FileState::CannotTell(_)));
}

#[test]
fn conditions_are_decided_or_noted() {
    let menu = read(
        "if [ -f /k ]; then\n menuentry there { linux /k }\nelse\n menuentry never { linux /k }\nfi\n\
         if [ \"$grub_platform\" = efi ]; then set timeout=3; set x=1\n menuentry efi { linux /k }\n\
         elif test -e /nothing ; then menuentry nothing { linux /k }\n\
         else\n set timeout=3\n menuentry bios { linux /k } ; fi\n\
         menuentry both { linux /k ; if cpuid -l; then initrd /i; else initrd /boot/j; fi }\n\
         menuentry variants { if [ $a = b ] ; then linux /k 1; initrd /i; else linux /k 2; fi }\n\
         for n in 1 $more; do menuentry \"loop $n\" { linux /k$n } ; done\n",
    );
    let shown: Vec<_> = menu.entries.iter().map(|entry| (&*entry.title, entry.condition.as_deref())).collect();
    let efi = "[ \"$grub_platform\" = efi ]";
    let expected = [
        ("there", None),
        ("efi", Some(efi)),
        ("bios", Some("not ([ \"$grub_platform\" = efi ])")),
        ("both", None),
        ("variants", Some("[ $a = b ]")),
        ("variants", Some("not ([ $a = b ])")),
        ("loop ${n}", Some("for n in 1 $more")),
    ];
    assert_eq!(shown, expected);
    // Both branches say the same.
    assert_eq!(menu.timeout, Timeout::After(Duration::from_secs(3)));
    assert_eq!((menu.entries[3].initrds.len(), menu.entries[4].initrds.len()), (2, 1));
    assert_eq!(menu.entries[5].initrds.len(), 0);
    assert!(matches!(kernel(&menu.entries[6]), FileState::CannotTell(_)));
}

#[test]
fn what_is_set_in_one_branch_only_is_not_known() {
    let menu = read("set default=0\nif keystatus; then set default=1; set timeout=1; fi\nmenuentry a { linux /k }");
    assert_eq!((menu.default_entry, menu.timeout), (None, Timeout::CannotTell("1".to_owned())));
    let menu = read("load_env saved\nset default=$saved\nmenuentry a { linux /k }");
    assert_eq!((menu.default.as_deref(), menu.default_entry), (Some("${saved}"), None));
    let menu = read("menuentry a { linux /k }");
    assert_eq!((menu.default_entry, menu.timeout), (Some(0), Timeout::Waits));
}

#[test]
fn loops_over_known_lists_and_functions_are_carried_out() {
    let titles = |script: &str| -> Vec<String> {
        let menu =
            read_all(script, &[("live/b.iso", "b"), ("live/a.iso", "a"), ("live/c.img", ""), ("empty", "")]).remove(0);
        let shown = |entry: &Entry| match &entry.condition {
            None => entry.title.clone(),
            Some(condition) => format!("{} if {condition}", entry.title),
        };
        menu.entries.iter().map(shown).collect()
    };
    let looped = "for i in a $two 'c d'; do\n for j in 1 2; do menuentry \"$i $j\" { linux /k }; done\ndone\n";
    assert_eq!(titles(&format!("set two=b\n{looped}")), ["a 1", "a 2", "b 1", "b 2", "c d 1", "c d 2"]);
    assert_eq!(titles("for i in ; do menuentry $i { linux /k }; done\nmenuentry last { linux /k }"), ["last"]);
    // What is set in it holds behind it.
    assert_eq!(titles("for i in a b; do x=$x$i; done\nmenuentry $i-$x { linux /k }"), ["b-${x}ab"]);
    assert_eq!(titles("x=\nfor i in a b; do x=$x$i; done\nmenuentry $i-$x { linux /k }"), ["b-ab"]);
    let inside = "for i in a b; do if [ $i = b ]; then menuentry $i { linux /k }; elif cpuid; then menuentry c { linux /k }; fi; done";
    assert_eq!(titles(inside), ["c if cpuid", "b"]);
    // Where it may be left, it is not known how far it comes.
    let left = "for i in a b; do menuentry $i { linux /k }; break; done";
    assert_eq!(titles(left), ["${i} if for i in a b"]);
    assert_eq!(titles("for i in /live/*.iso; do menuentry $i { linux /k }; done"), ["/live/a.iso", "/live/b.iso"]);
    assert_eq!(titles("for i in /live/*.x; do menuentry $i { linux /k }; done"), ["/live/*.x"]);
    assert_eq!(titles("for i in (hd0)/live/*; do menuentry $i { linux /k }; done"), ["${i} if for i in (hd0)/live/*"]);
    let function = "function f { menuentry \"$1 $2 $# $@\" { linux /k }\n}\nfunction g { f $1 x; menuentry \"$1\" { linux /k }\n}\n";
    assert_eq!(titles(&format!("{function}f a\ng 'b c'")), ["a  1 a", "b c 3 b c x", "b c"]);
    assert_eq!(titles("eval \"menuentry 'a b' { linux /k }\"; menuentry c { linux /k }"), ["a b", "c"]);
    let filled = "if [ -s /empty ]; then menuentry full { linux /k }; else menuentry empty { linux /k }; fi\n";
    assert_eq!(titles(filled), ["empty"]);
    // None of it goes on for ever.
    let deep = "x='eval $x'\neval $x\nmenuentry a { linux /k }";
    assert_eq!(titles(deep), ["a"]);
    let wide = "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(9) + "menuentry $a { linux /k }; " + &"done; ".repeat(9);
    assert_eq!(titles(&wide).len(), crate::disc::limits::MENU_ENTRIES);
}

#[test]
fn searches_find_the_disc_by_its_files_and_names() {
    let entry = |script: &str| read(&format!("menuentry a {{ {script}\n linux /k }}")).entries.remove(0);
    for here in [
        "search --no-floppy --set=root --file /boot/j",
        "set root=(hd0,1); search --set -f /boot/j",
        "search.file /boot/j root",
        "search --no-floppy --set=root -l 'MY DISC'",
        "search.fs_label 'MY DISC' root",
        "search --file --set=here /boot/j\nset root=$here",
    ] {
        assert_eq!(kernel(&entry(here)), &FileState::Exists, "{here}");
    }
    for unknown in
        ["search --set=root --file /nowhere", "search --label OTHER --set=root", "search --set=root -u 12-34"]
    {
        assert!(matches!(kernel(&entry(unknown)), FileState::CannotTell(_)), "{unknown}");
    }
}

#[test]
fn functions_sources_and_further_files() {
    let menus = read_all(
        "function make { menuentry \"made $1\" { linux /k }\n}\nmake\nsource /boot/grub/more.cfg\nsource $prefix/more.cfg\n\
         . /boot/grub/gone.cfg\nmenuentry next { configfile ($root)/boot/grub/next.cfg }\n",
        &[
            (
                "boot/grub/more.cfg",
                "menuentry more { multiboot /k; module /i; module2 --nounzip /boot/j x }\nsource /boot/grub/grub.cfg",
            ),
            ("boot/grub/next.cfg", "menuentry last { linux /k }"),
            ("boot/grub/x86_64-efi/grub.cfg", "source /boot/grub/next.cfg"),
            (
                "EFI/BOOT/grub.cfg",
                "search --file --set=root /k\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n",
            ),
        ],
    );
    let titles = |at: usize| menus[at].entries.iter().map(|entry| &*entry.title).collect::<Vec<_>>();
    let paths: Vec<_> = menus.iter().map(|menu| &*menu.path).collect();
    let expected = ["boot/grub/grub.cfg", "EFI/BOOT/grub.cfg", "boot/grub/x86_64-efi/grub.cfg", "boot/grub/next.cfg"];
    assert_eq!(paths, expected);
    assert_eq!(titles(0), ["made ", "more", "more", "next"]);
    assert_eq!(menus[0].entries[1].modules.len(), 2);
    assert_eq!(menus[0].diagnostics.items().len(), 2, "{:?}", menus[0].diagnostics);
    assert!(menus[1].entries.is_empty());
    assert_eq!(menus[1].hands_over[0].found(), Some("boot/grub/grub.cfg"));
    assert_eq!(titles(2), ["last"]);
    assert_eq!(menus[3].reached_from.as_ref().unwrap().path, "boot/grub/grub.cfg");
}

#[test]
fn scripts_that_never_end_do() {
    let menu = read("function f { f\nf\n}\nf\nmenuentry a { linux /k }\nfunction g { true; g; g; }\ng");
    assert_eq!(menu.entries.len(), 1);
    let deep = "if x; then ".repeat(10_000);
    assert!(read(&deep).entries.is_empty());
    let wide = format!(
        "set a=aaaaaaaaaaaaaaaa\n{}menuentry a {{ linux /k {} }}",
        "set a=$a$a\n".repeat(40),
        "$a".repeat(2000)
    );
    assert_eq!(read(&wide).entries.len(), 1);
    let many = "menuentry a { linux /k }\n".repeat(3000);
    assert_eq!(read(&many).entries.len(), crate::disc::limits::MENU_ENTRIES);
}
