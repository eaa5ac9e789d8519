//! What an image is of.

#[path = "identify/products.rs"]
mod products;
mod support;
#[path = "identify/windows.rs"]
mod windows;
