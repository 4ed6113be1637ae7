//! An XML tree that forgets nothing: every tag and every stretch of text is kept as it stood, so that writing gives back the bytes that were read.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

/// An element with its tags as they stood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    pub name: String,
    /// `<annotation verified="yes">`, or the whole of an empty element, `<path/>`.
    open: String,
    /// `</annotation>`; empty for an empty element.
    close: String,
    pub children: Vec<Node>,
}

/// What stands inside an element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Element(Element),
    /// Text, comments and all else, as it stood.
    Raw(String),
}

/// Labels nest four deep; a bound keeps a hostile file from exhausting the stack.
const MAX_DEPTH: usize = 64;

const MARK: char = '\u{feff}';

/// Byte offset and reason of a fault.
pub type Fault = (usize, String);

/// The top level of a document: declaration, comments, white space and elements.
pub fn parse(text: &str) -> Result<Vec<Node>, Fault> {
    // The reader would step over a byte order mark without counting it.
    if let Some(rest) = text.strip_prefix(MARK) {
        let mut nodes = parse(rest).map_err(|(at, reason)| (at + MARK.len_utf8(), reason))?;
        nodes.insert(0, Node::Raw(MARK.to_string()));
        return Ok(nodes);
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    // The element at the bottom stands for the document.
    let mut stack = vec![Element::new("", String::new(), String::new())];
    let mut start = 0;
    loop {
        let event = reader.read_event().map_err(|e| (usize::try_from(reader.error_position()).unwrap_or(0), e.to_string()))?;
        let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let raw = text.get(start..end).unwrap_or_default().to_owned();
        start = end;
        match event {
            Event::Eof => break,
            Event::Start(_) if stack.len() > MAX_DEPTH => return Err((end, "elements are nested too deep".to_owned())),
            Event::Start(tag) => stack.push(Element::new(&String::from_utf8_lossy(tag.name().as_ref()), raw, String::new())),
            Event::Empty(tag) => {
                let element = Element::new(&String::from_utf8_lossy(tag.name().as_ref()), raw, String::new());
                top(&mut stack).push(Node::Element(element));
            }
            Event::End(_) => {
                let mut element = stack.pop().unwrap_or_else(|| Element::new("", String::new(), String::new()));
                element.close = raw;
                top(&mut stack).push(Node::Element(element));
            }
            _ => append_raw(top(&mut stack), &raw),
        }
    }
    match stack.pop() {
        Some(document) if stack.is_empty() => Ok(document.children),
        Some(open) => Err((text.len(), format!("<{}> is not closed", open.name))),
        None => Ok(Vec::new()),
    }
}

/// The reader checks that end tags match, so there always is a parent.
fn top(stack: &mut Vec<Element>) -> &mut Vec<Node> {
    if stack.is_empty() {
        stack.push(Element::new("", String::new(), String::new()));
    }
    let last = stack.len() - 1;
    &mut stack[last].children
}

fn append_raw(nodes: &mut Vec<Node>, raw: &str) {
    match nodes.last_mut() {
        Some(Node::Raw(last)) => last.push_str(raw),
        _ => nodes.push(Node::Raw(raw.to_owned())),
    }
}

/// The document as text: of an unchanged tree, the text that it was read from.
pub fn write(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Raw(raw) => out.push_str(raw),
            Node::Element(element) => {
                out.push_str(&element.open);
                write(&element.children, out);
                out.push_str(&element.close);
            }
        }
    }
}

impl Element {
    fn new(name: &str, open: String, close: String) -> Self {
        Self { name: name.to_owned(), open, close, children: Vec::new() }
    }

    /// `<name>text</name>`, escaped.
    pub(crate) fn leaf(name: &str, text: &str) -> Self {
        let mut element = Self::branch(name);
        element.children.push(Node::Raw(escape(text).into_owned()));
        element
    }

    /// `<name></name>`, to be filled.
    pub(crate) fn branch(name: &str) -> Self {
        Self::new(name, format!("<{name}>"), format!("</{name}>"))
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(element),
            _ => None,
        })
    }

    /// As [`Element::child`], to change it.
    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(element),
            _ => None,
        })
    }

    /// The place of the first child of this name.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.children.iter().position(|node| matches!(node, Node::Element(element) if element.name == name))
    }

    /// Its own text, unescaped and trimmed.
    pub fn text(&self) -> String {
        let raw: String =
            self.children.iter().filter_map(|node| if let Node::Raw(raw) = node { Some(raw.as_str()) } else { None }).collect();
        unescape(&raw).unwrap_or(Cow::Borrowed(&raw)).trim().to_owned()
    }

    /// Replaces all content by a text.
    pub(crate) fn set_text(&mut self, text: &str) {
        if self.close.is_empty() {
            *self = Self::branch(&self.name.clone());
        }
        self.children = vec![Node::Raw(escape(text).into_owned())];
    }

    /// Adds a child on a line of its own, indented with tabs as LabelImg does; `depth` is this element's own.
    pub(crate) fn push_line(&mut self, child: Self, depth: usize) {
        if self.close.is_empty() {
            *self = Self::branch(&self.name.clone());
        }
        // What stands before the closing tag is the line break and its indent: the child goes before it.
        if !matches!(self.children.last(), Some(Node::Raw(raw)) if raw.trim().is_empty()) {
            self.children.push(Node::Raw(format!("\n{}", "\t".repeat(depth))));
        }
        let place = self.children.len() - 1;
        self.children.insert(place, Node::Element(child));
        self.children.insert(place, Node::Raw(format!("\n{}", "\t".repeat(depth + 1))));
    }

    /// Takes the child at this place away, with the line break before it.
    pub(crate) fn remove_line(&mut self, place: usize) {
        self.children.remove(place);
        let before = place.wrapping_sub(1);
        if matches!(self.children.get(before), Some(Node::Raw(raw)) if raw.trim().is_empty()) {
            self.children.remove(before);
        }
    }
}
