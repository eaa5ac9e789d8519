//! Path components (ECMA-167 4/14.16): the targets of symbolic links.

use std::borrow::Cow;

use crate::disc::text;

use super::names;

/// The target that the path components in `bytes` spell, with `/` between them; `exact` is false when a component was cut
/// off, unknown, or not valid in its encoding.
pub(super) fn target(bytes: &[u8]) -> text::Decoded<'static> {
    let mut path = String::new();
    let mut exact = true;
    let mut rest = bytes;
    while let Some((&[kind, len, _, _], after)) = rest.split_first_chunk::<4>() {
        let Some((identifier, further)) = after.split_at_checked(usize::from(len)) else {
            exact = false;
            break;
        };
        rest = further;
        match kind {
            // The root that a system agreed on when it has a name, which nobody else can know; else that of the volume.
            1 if len > 0 => exact = false,
            1 | 2 => path = "/".to_owned(),
            3 => push(&mut path, ".."),
            4 => push(&mut path, "."),
            5 => {
                let name = names::dchars(identifier);
                exact &= name.exact && len > 0;
                push(&mut path, &name.text);
            }
            _ => exact = false,
        }
    }
    exact &= rest.is_empty();
    text::Decoded { text: Cow::Owned(path), exact }
}

fn push(path: &mut String, component: &str) {
    if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path.push_str(component);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(kind: u8, name: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(name.len()).unwrap(), 0, 0][..], name].concat()
    }

    #[test]
    fn components_become_a_path() {
        let path = |parts: &[Vec<u8>]| target(&parts.concat());
        let relative = path(&[component(3, b""), component(4, b""), component(5, b"\x08name")]);
        assert_eq!((&*relative.text, relative.exact), (".././name", true));
        let absolute = path(&[component(2, b""), component(5, b"\x08usr"), component(5, &[16, 0, b'b'])]);
        assert_eq!((&*absolute.text, absolute.exact), ("/usr/b", true));
        assert_eq!(path(&[component(1, b"")]).text, "/");
        assert_eq!(target(b"").text, "");
    }

    #[test]
    fn what_is_cut_off_is_left_out_and_marked() {
        let cut = target(&[component(5, b"\x08a"), vec![5, 200, 0, 0, 8, b'b']].concat());
        assert_eq!((&*cut.text, cut.exact), ("a", false));
        let odd = target(&[component(5, b"\x08a"), vec![5, 2]].concat());
        assert_eq!((&*odd.text, odd.exact), ("a", false));
        assert!(!target(&component(9, b"")).exact);
    }
}
