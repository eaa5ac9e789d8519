//! EFI programs (`*.efi`): for which machines they are, which loader each of them is, who signed it, whether the signature
//! holds, and whether it was revoked.
//!
//! Three questions, each of which costs what it must and no more:
//!
//! 1. [`EfiProgram::read`]: the headers and a few small sections; some kilobytes of a file of any size.
//! 2. [`EfiProgram::identify`]: which program it is, and its version; at most
//!    [`EFI_SEARCH`](crate::disc::limits::EFI_SEARCH) bytes.
//! 3. [`EfiProgram::check_signatures`]: the digest of the whole file, and every signature with its certificates.
//!
//! Nothing here asks a clock or a network: dates of validity are facts to show. An expired certificate is not a revoked
//! one, and firmware starts what it signed.

pub mod authenticode;
pub mod authority;
pub mod certificate_table;
pub mod der;
pub mod header;
pub mod image_digest;
pub mod loadable;
pub mod oid;
pub mod pkcs7;
pub mod product;
mod program;
pub mod public_key;
pub mod resources;
pub mod revocation;
pub mod sbat;
pub mod signature_list;
pub mod vendor_cert;
pub mod x509;

pub use authenticode::{Signature, Signatures, Verdict};
pub use authority::{Authority, KnownAuthority, Standing};
pub use header::{Architecture, Header, Subsystem};
pub use product::{Product, ProductKind};
pub use program::EfiProgram;
