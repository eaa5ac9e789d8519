//! Arguments decide between the window and the command line; nothing else happens here.

fn main() {}
