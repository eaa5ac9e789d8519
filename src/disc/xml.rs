//! XML of an image, within bounds: no document type definitions, and no more elements than a reader has memory for.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Error, Result, limits, text};

/// Parses `text`, which stands in `structure` at the byte `offset`. Documents are read without recursion.
///
/// # Errors
/// `Damaged` when it is not well-formed, `Unsupported` when it has a document type definition, which may define what is
/// endless, and `Limit` beyond [`limits::XML_NODES`], [`limits::XML_NAMESPACES`] and [`limits::XML_ATTRIBUTES`].
pub fn parse<'a>(text: &'a str, structure: &'static str, offset: u64) -> Result<Document<'a>> {
    let beyond = |what: &str, limit: String| Error::Limit { structure, offset, what: what.to_owned(), limit };
    // Each element that declares a namespace takes over those of all elements around it.
    if memchr::memmem::find_iter(text.as_bytes(), b"xmlns").count() > limits::XML_NAMESPACES {
        return Err(beyond("The number of its namespaces", limits::XML_NAMESPACES.to_string()));
    }
    // Each attribute is compared with all others of its element.
    let attributes = |tag: &str| tag.bytes().filter(|byte| *byte == b'=').count();
    if text.split('<').any(|tag| attributes(tag) > limits::XML_ATTRIBUTES) {
        return Err(beyond("The number of attributes of an element", limits::XML_ATTRIBUTES.to_string()));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: limits::XML_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => {
            Error::unsupported(structure, offset, "Its XML has a document type definition, which is not read")
        }
        roxmltree::Error::NodesLimitReached => beyond("The number of its XML elements", limits::XML_NODES.to_string()),
        error => {
            let message = format!("Its XML is not well-formed: {}", text::display(&error.to_string()));
            Error::damaged(structure, offset, message)
        }
    })
}

/// The first element called `name` directly below `node`, whatever its namespace.
pub fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The text of the element that `path` leads to from `node`, without the white space around it; `None` when there is none.
pub fn value<'a>(node: Node<'a, '_>, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(node, |node, name| child(node, name))?;
    found.text().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<usize> {
        parse(text, "test", 7).map(|document| document.descendants().count())
    }

    #[test]
    fn what_is_nested_deeply_takes_no_stack() {
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(parsed(&deep).unwrap(), 100_001);
        // Open to the end.
        assert!(matches!(parsed(&"<a>".repeat(100_000)), Err(Error::Damaged { offset: 7, .. })));
    }

    #[test]
    fn bombs_are_refused_before_they_go_off() {
        let mut bomb = "<!DOCTYPE a [<!ENTITY b \"ha\">".to_owned();
        for level in 0..30 {
            bomb.push_str(&format!("<!ENTITY b{level} \"{}\">", "&b;".repeat(10)));
        }
        assert!(matches!(parsed(&format!("{bomb}]><a>&b29;</a>")), Err(Error::Unsupported { .. })));
        let nodes = format!("<a>{}</a>", "<b/>".repeat(600_000));
        assert!(matches!(parsed(&nodes), Err(Error::Limit { .. })));
        let spaces: String = (0..40_000).map(|number| format!("<a xmlns:n{number}=\"{number}\">")).collect();
        assert!(matches!(parsed(&spaces), Err(Error::Limit { .. })));
        let attributes: String = (0..200_000).map(|number| format!(" a{number}=\"\"")).collect();
        assert!(matches!(parsed(&format!("<a{attributes}/>")), Err(Error::Limit { .. })));
    }

    #[test]
    fn values_are_found_whatever_their_namespace() {
        let document = parse("<a xmlns=\"urn:b\"><b> <c> one\n</c><c>two</c></b><d/></a>", "test", 0).unwrap();
        let root = document.root_element();
        assert_eq!(value(root, &["b", "c"]), Some("one"));
        assert_eq!((value(root, &["d"]), value(root, &["b", "e"])), (None, None));
    }
}
