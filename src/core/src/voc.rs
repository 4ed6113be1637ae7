//! Pascal VOC files as LabelImg writes them: one film's boxes of one task. Whatever else stands in a file is kept byte for byte.

mod boxes;
mod proposal;
mod tree;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub(crate) use boxes::inside;
pub use boxes::{BoxProblem, LabelledBox, Labels};
pub use proposal::{FileMark, Placed, Proposal};
use tree::{Element, Node};

use crate::BBox;
use crate::atomic::{self, WriteError};
use crate::intake::{self, Encoded, json::yes_or_no};

/// A label file that could not be used.
#[derive(Debug, Error)]
pub enum VocError {
    /// The file is missing, no regular file, or may not be read.
    #[error("{} cannot be read ({reason}); check the name and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Not text: another kind of file, or bytes that are not in the encoding they should be in.
    #[error("{}: no labels can be read from it: {reason}; save the labels again as UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// No well-formed XML.
    #[error("{}, line {line}: this is not well-formed XML ({reason}); save the labels again", path.display())]
    NotXml {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        reason: String,
    },
    /// XML of another kind.
    #[error("{} holds no <annotation>; labels are Pascal VOC files as LabelImg writes them", path.display())]
    NotVoc {
        /// The file.
        path: PathBuf,
    },
    /// An object that [`VocFile::check`] finds fault with.
    #[error("{}, object {number}: {problem}", path.display())]
    Object {
        /// The file.
        path: PathBuf,
        /// The object's number in the file, from 1.
        number: usize,
        /// What is wrong and what to do.
        problem: BoxProblem,
    },
}

/// One `<object>` as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct VocObject {
    /// The joint's label.
    pub name: String,
    /// `xmin ymin xmax ymax`; NaN where one is missing or is not a number.
    pub bbox: BBox,
    /// Whether a reader marked it as difficult.
    pub difficult: bool,
}

/// A label file with all that stood in it.
#[derive(Clone, Debug, PartialEq)]
pub struct VocFile {
    path: PathBuf,
    nodes: Vec<Node>,
    /// How the text lay in the file.
    encoded: Encoded,
}

impl VocFile {
    /// Reads a label file.
    ///
    /// # Errors
    /// A file that cannot be read, is not XML, or is not an annotation. Faults of single objects are told by [`VocFile::labels`] and [`VocFile::check`].
    pub fn read(path: &Path) -> Result<Self, VocError> {
        let bytes = intake::bytes(path, intake::MAX_LABELS);
        Self::decode(path, &bytes.map_err(|e| VocError::Unreadable { path: path.to_owned(), reason: e.to_string() })?)
    }

    /// Reads a label file from its bytes, in the encoding that it declares; `path` is for messages.
    ///
    /// # Errors
    /// As [`VocFile::read`].
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, VocError> {
        let not_text = |reason: String| VocError::NotText { path: path.to_owned(), reason };
        if let Some(kind) = intake::kind(bytes) {
            return Err(not_text(format!("it is {}", kind.name)));
        }
        let (text, encoded) = intake::decode_xml(bytes).map_err(not_text)?;
        Ok(Self { encoded, ..Self::parse(path, &text)? })
    }

    /// Reads a label file from memory; `path` is for messages.
    ///
    /// # Errors
    /// As [`VocFile::read`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, VocError> {
        let nodes = tree::parse(text).map_err(|(at, reason)| {
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            VocError::NotXml { path: path.to_owned(), line, reason }
        })?;
        let file = Self { path: path.to_owned(), nodes, encoded: Encoded::default() };
        match file.annotation() {
            Some(_) => Ok(file),
            None => Err(VocError::NotVoc { path: file.path }),
        }
    }

    /// The file that LabelImg would write for a film without objects.
    #[must_use]
    pub fn new(path: &Path, film: &Path, size: (u32, u32)) -> Self {
        let name = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default();
        let mut annotation = Element::branch("annotation");
        annotation.push_line(Element::leaf("folder", &name(film.parent().and_then(Path::file_name))), 0);
        annotation.push_line(Element::leaf("filename", &name(film.file_name())), 0);
        annotation.push_line(Element::leaf("path", &film.to_string_lossy()), 0);
        let mut source = Element::branch("source");
        source.push_line(Element::leaf("database", "Unknown"), 1);
        annotation.push_line(source, 0);
        let mut pixels = Element::branch("size");
        for (name, value) in [("width", size.0), ("height", size.1), ("depth", 1)] {
            pixels.push_line(Element::leaf(name, &value.to_string()), 1);
        }
        annotation.push_line(pixels, 0);
        annotation.push_line(Element::leaf("segmented", "0"), 0);
        Self { path: path.to_owned(), nodes: vec![Node::Element(annotation), Node::Raw("\n".to_owned())], encoded: Encoded::default() }
    }

    /// The file as text: unchanged, exactly what was read.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        tree::write(&self.nodes, &mut out);
        out
    }

    /// The file as bytes, in the encoding that it was read in.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encoded.bytes(&self.to_text())
    }

    /// Replaces a file by this one.
    ///
    /// # Errors
    /// As [`atomic::write`].
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        atomic::write(path, &self.to_bytes())
    }

    /// `<size>`: the film's width and height as the labeller saw it.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        let size = self.annotation()?.child("size")?;
        let number = |name| size.child(name)?.text().parse().ok();
        Some((number("width")?, number("height")?))
    }

    /// The objects in the order of the file.
    #[must_use]
    pub fn objects(&self) -> Vec<VocObject> {
        self.object_elements().map(object).collect()
    }

    /// What stands as `<difficult>` of each of [`VocFile::objects`] and means neither yes nor no.
    fn unclear_flags(&self) -> impl Iterator<Item = Option<String>> {
        self.object_elements().map(|element| Some(element.child("difficult")?.text()).filter(|word| yes_or_no(word).is_none()))
    }

    /// Adds an object at the end.
    pub fn add(&mut self, object: &VocObject) {
        let mut element = Element::branch("object");
        let flag = |set| if set { "1" } else { "0" };
        for (name, value) in
            [("name", object.name.as_str()), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", flag(object.difficult))]
        {
            element.push_line(Element::leaf(name, value), 1);
        }
        let mut bndbox = Element::branch("bndbox");
        for (name, value) in SIDES.into_iter().zip(<[f32; 4]>::from(object.bbox)) {
            bndbox.push_line(Element::leaf(name, &value.to_string()), 2);
        }
        element.push_line(bndbox, 1);
        if let Some(annotation) = self.annotation_mut() {
            annotation.push_line(element, 0);
        }
    }

    /// Moves the object at this place of [`VocFile::objects`]; the rest of it stays as it is. `false` where there is none.
    pub fn set_box(&mut self, place: usize, bbox: BBox) -> bool {
        let Some(element) = self.object_mut(place) else { return false };
        let Some(bndbox) = element.child_mut("bndbox") else { return false };
        for (name, value) in SIDES.into_iter().zip(<[f32; 4]>::from(bbox)) {
            match bndbox.child_mut(name) {
                Some(side) => side.set_text(&value.to_string()),
                None => bndbox.push_line(Element::leaf(name, &value.to_string()), 2),
            }
        }
        true
    }

    /// Takes the object at this place of [`VocFile::objects`] away. `false` where there is none.
    pub fn remove(&mut self, place: usize) -> bool {
        let Some(annotation) = self.annotation_mut() else { return false };
        let Some(at) = object_places(annotation).nth(place) else { return false };
        annotation.remove_line(at);
        true
    }

    fn annotation(&self) -> Option<&Element> {
        self.nodes.iter().find_map(|node| match node {
            Node::Element(element) if element.name == "annotation" => Some(element),
            _ => None,
        })
    }

    fn annotation_mut(&mut self) -> Option<&mut Element> {
        self.nodes.iter_mut().find_map(|node| match node {
            Node::Element(element) if element.name == "annotation" => Some(element),
            _ => None,
        })
    }

    fn object_elements(&self) -> impl Iterator<Item = &Element> {
        self.annotation().into_iter().flat_map(|annotation| &annotation.children).filter_map(|node| match node {
            Node::Element(element) if element.name == "object" => Some(element),
            _ => None,
        })
    }

    fn object_mut(&mut self, place: usize) -> Option<&mut Element> {
        let annotation = self.annotation_mut()?;
        let at = object_places(annotation).nth(place)?;
        match annotation.children.get_mut(at) {
            Some(Node::Element(element)) => Some(element),
            _ => None,
        }
    }
}

const SIDES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

fn object_places(annotation: &Element) -> impl Iterator<Item = usize> {
    let is_object = |(at, node): (usize, &Node)| matches!(node, Node::Element(element) if element.name == "object").then_some(at);
    annotation.children.iter().enumerate().filter_map(is_object)
}

fn object(element: &Element) -> VocObject {
    let text = |name| element.child(name).map(Element::text).unwrap_or_default();
    let side = |name| element.child("bndbox").and_then(|bndbox| bndbox.child(name)?.text().parse().ok()).unwrap_or(f32::NAN);
    VocObject { name: text("name"), bbox: SIDES.map(side).into(), difficult: yes_or_no(&text("difficult")).unwrap_or(false) }
}
