//! Gives the program for Windows its icon, its version and its manifest. For other systems there is nothing to do.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=dist/windows");
    println!("cargo::rerun-if-env-changed=WINDRES");
    // That of the target, which need not be the system that this runs on.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows")
        && let Err(error) = give_resources()
    {
        println!("cargo::warning=The program gets no icon and no version: {error}");
    }
}

fn give_resources() -> Result<(), Box<dyn std::error::Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&root).join("dist").join("windows");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let manifest = folder.join("isoscope.manifest");
    let script = out.join("isoscope.rc");
    let mut resources = format!("1 ICON {:?}\n{}", folder.join("isoscope.ico"), version()?);
    if env::var("CARGO_CFG_TARGET_ENV")? == "msvc" {
        // Its linker has a manifest of its own in mind, with which a second one would collide.
        println!("cargo::rustc-link-arg-bins=/MANIFEST:EMBED");
        println!("cargo::rustc-link-arg-bins=/MANIFESTUAC:NO");
        println!("cargo::rustc-link-arg-bins=/MANIFESTINPUT:{}", manifest.display());
        fs::write(&script, resources)?;
        let compiled = out.join("isoscope.res");
        run(Command::new("rc.exe").arg("/nologo").arg("/fo").arg(&compiled).arg(&script))?;
        println!("cargo::rustc-link-arg-bins={}", compiled.display());
    } else {
        // 24 is the type of manifests.
        resources += &format!("1 24 {manifest:?}\n");
        fs::write(&script, resources)?;
        let compiled = out.join("isoscope.o");
        let compiler = env::var("WINDRES").unwrap_or_else(|_| match env::var("CARGO_CFG_TARGET_ARCH") {
            Ok(processor) if !cfg!(windows) => format!("{processor}-w64-mingw32-windres"),
            _ => "windres".to_owned(),
        });
        run(Command::new(compiler).arg(&script).arg(&compiled))?;
        println!("cargo::rustc-link-arg-bins={}", compiled.display());
    }
    Ok(())
}

/// What Explorer shows on the page of details.
fn version() -> Result<String, env::VarError> {
    let version = env::var("CARGO_PKG_VERSION")?;
    let number = |part| env::var(format!("CARGO_PKG_VERSION_{part}"));
    let numbers = format!("{},{},{},0", number("MAJOR")?, number("MINOR")?, number("PATCH")?);
    let description = env::var("CARGO_PKG_DESCRIPTION")?;
    let strings = [
        ("FileDescription", "Isoscope"),
        ("FileVersion", &version),
        ("InternalName", "isoscope"),
        ("OriginalFilename", "isoscope.exe"),
        ("ProductName", "Isoscope"),
        ("ProductVersion", &version),
        ("Comments", &description),
    ]
    .map(|(name, value)| format!("VALUE {name:?}, {value:?}\n"))
    .concat();
    // A program (FILETYPE 1) for Windows NT (FILEOS 0x40004); its strings are English (0x409) and Unicode (1200).
    Ok(format!(
        "1 VERSIONINFO FILEVERSION {numbers} PRODUCTVERSION {numbers} FILEOS 0x40004 FILETYPE 1 BEGIN\n\
         BLOCK \"StringFileInfo\" BEGIN BLOCK \"040904B0\" BEGIN\n{strings}END END\n\
         BLOCK \"VarFileInfo\" BEGIN VALUE \"Translation\", 0x409, 1200 END\nEND\n"
    ))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
