//! An EFI program, field by field.

use super::efi::revocation::{self, DbxRevocation, SbatRevocation};
use super::efi::x509::Certificate;
use super::programs::EfiFile;
use super::second_stage::{Listed, SecondStage};
use crate::disc::text;
use crate::disc::tree::DetailGroup;

impl EfiFile {
    /// Everything that is known of it. Offsets are those in the image, where the program lies there in one piece.
    pub fn details(&self) -> DetailGroup {
        let mut group = DetailGroup::new(format!("{} ({})", text::display(&self.path), self.tree.label()));
        let at = |offset: u64| self.offset.map(|start| start.saturating_add(offset));
        if let Some(program) = &self.program {
            let header = &program.header;
            group.add("Program", self.label(), self.product.as_ref().and_then(|product| at(product.offset?)));
            group.add("Architecture", header.architecture.to_string(), at(header.offset.saturating_add(4)));
            group.add("Kind", header.subsystem.to_string(), None);
        }
        self.signature_details(&mut group);
        for component in self.program.iter().flat_map(|program| &program.sbat).flat_map(|sbat| &sbat.entries) {
            let value = format!("{} {} ({})", component.component, component.generation, component.version);
            group.add("Generation (SBAT)", text::display(&value), None);
        }
        for certificate in self.vendor() {
            let name = certificate.subject.common_name();
            group.add("Starts programs signed by", text::display(&name), None);
        }
        match &self.second_stage {
            Some(SecondStage::Program(path)) => group.add("Goes on with", text::display(path), None),
            Some(SecondStage::Fallback { path, start }) => {
                group.add("Goes on with", text::display(path), None);
                let listed = |start: &Listed| format!("{}, by {}", start.program, start.list);
                let start = start.as_ref().map_or("Nothing: no list names a program".to_owned(), listed);
                group.add("Which goes on with", text::display(&start), None);
            }
            Some(SecondStage::Unknown) => group.add("Goes on with", "Cannot be told", None),
            None => {}
        }
        self.revocation_details(&mut group);
        if let Some(flaw) = self.program.as_ref().and_then(|program| program.header.flaw()) {
            group.add("Cannot be loaded", text::display(&flaw.why), at(flaw.offset));
        }
        for note in self.diagnostics.items() {
            group.add("Note", text::display(&note.message), at(note.offset));
        }
        group
    }

    fn signature_details(&self, group: &mut DetailGroup) {
        let Some(found) = &self.signatures else {
            if self.program.is_some() {
                group.add("Signature", "Not checked", None);
            }
            return;
        };
        if found.list.is_empty() {
            group.add("Signature", found.verdict().to_string(), None);
        }
        for signature in &found.list {
            let at = self.offset.map(|start| start.saturating_add(signature.offset));
            group.add("Signature", text::display(&signature.verdict.to_string()), at);
            let certificates = signature.signers.iter().filter_map(|signer| signer.certificate.as_ref());
            for certificate in certificates {
                let until = certificate.not_after.map(|time| time.short().chars().take(10).collect::<String>());
                let until = until.map(|day| format!(", valid until {day}")).unwrap_or_default();
                let value = format!("{}{until}", certificate.subject.common_name());
                group.add("Signer's certificate", text::display(&value), None);
            }
        }
        group.add("SHA-256 for signatures", text::hex(&found.digests.sha256()), None);
    }

    fn revocation_details(&self, group: &mut DetailGroup) {
        for SbatRevocation { component, generation, minimum } in &self.revoked.sbat {
            let date = revocation::published_minimums().date().unwrap_or_default();
            let value = format!("{component} has generation {generation}; since {date} the lowest is {minimum}");
            group.add("Revoked", text::display(&value), None);
        }
        for revocation in &self.revoked.dbx {
            let what = match revocation {
                DbxRevocation::Program(_) => "the program itself".to_owned(),
                DbxRevocation::Certificate(name) => format!("the certificate {name}"),
            };
            group.add("Revoked", text::display(&format!("By the list that was given: {what}")), None);
        }
        if let Some((major, minor)) = self.revoked.security_version {
            let (_, date) = revocation::WINDOWS_BOOT_MANAGER_MINIMUM;
            let value = format!("Its security version is lower than {major}.{minor}, the lowest since {date}");
            group.add("Revoked", value, None);
        }
    }

    /// The certificates that a shim brings along.
    pub fn vendor(&self) -> impl Iterator<Item = &Certificate> {
        let vendor = self.program.as_ref().and_then(|program| program.vendor.as_ref());
        vendor.into_iter().flat_map(|vendor| &vendor.authorized.certificates)
    }
}
