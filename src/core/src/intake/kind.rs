//! What a file is, from its first bytes, where it is not what its reader wants.

/// A kind of file by its common name, and what its owner can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// With its article, such as `a web page`.
    pub name: &'static str,
    /// An imperative, such as `download the file itself`.
    pub way_out: &'static str,
}

const EXPORT: &str = "export it as JPEG, PNG or TIFF";
const UNPACK: &str = "unpack it first";

/// Magic numbers: offset, bytes, name, way out. Of two that fit the first counts.
const MAGIC: &[(usize, &[u8], &str, &str)] = &[
    (0, b"version https://git-lfs.github.com/spec/", "a git-lfs pointer, not the file itself", "fetch the file with `git lfs pull`"),
    (0, b"version https://hawser.github.com/spec/", "a git-lfs pointer, not the file itself", "fetch the file with `git lfs pull`"),
    (0, b"\xFF\xD8\xFF", "a JPEG picture", "name a file of the right kind"),
    (0, b"\x89PNG\r\n\x1A\n", "a PNG picture", "name a file of the right kind"),
    (0, b"II\x2A\0", "a TIFF picture", "name a file of the right kind"),
    (0, b"MM\0\x2A", "a TIFF picture", "name a file of the right kind"),
    (0, b"II\x2B\0", "a BigTIFF picture", "name a file of the right kind"),
    (0, b"MM\0\x2B", "a BigTIFF picture", "name a file of the right kind"),
    (0, b"GIF8", "a GIF picture", EXPORT),
    (8, b"WEBP", "a WebP picture", EXPORT),
    (0, b"\0\0\0\x0CjP  ", "a JPEG 2000 picture", EXPORT),
    (0, b"\xFF\x4F\xFF\x51", "a JPEG 2000 picture", EXPORT),
    (0, b"\0\0\0\x0CJXL ", "a JPEG XL picture", EXPORT),
    (0, b"\xFF\x0A", "a JPEG XL picture", EXPORT),
    (4, b"ftypavif", "an AVIF picture", EXPORT),
    (4, b"ftyphei", "an HEIC picture", EXPORT),
    (4, b"ftypmif1", "an HEIF picture", EXPORT),
    (4, b"ftyp", "a video", "give the film itself as JPEG, PNG or TIFF"),
    (128, b"DICM", "a DICOM file", "export the film from it as PNG"),
    (0, b"8BPS", "a Photoshop file", EXPORT),
    (0, b"%!PS", "a PostScript file", EXPORT),
    (0, b"%PDF", "a PDF file", "export what it holds"),
    (0, b"\x76\x2F\x31\x01", "an OpenEXR picture", EXPORT),
    (0, b"NRRD0", "an NRRD file", EXPORT),
    (344, b"n+1\0", "a NIfTI file", EXPORT),
    (0, b"SIMPLE  =", "a FITS file", EXPORT),
    (0, b"ObjectType = Image", "a MetaImage header", EXPORT),
    (0, b"\x1F\x8B", "a gzip archive", UNPACK),
    (0, b"BZh", "a bzip2 archive", UNPACK),
    (0, b"\xFD7zXZ\0", "an xz archive", UNPACK),
    (0, b"\x28\xB5\x2F\xFD", "a zstd archive", UNPACK),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7-zip archive", UNPACK),
    (0, b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (.xls)", "save its sheet as CSV UTF-8"),
    (0, b"SQLite format 3\0", "an SQLite database", "export the table as CSV UTF-8"),
    (0, b"PAR1", "a Parquet file", "export the table as CSV UTF-8"),
    (0, b"\x89HDF\r\n", "an HDF5 file", "convert it first"),
    (0, b"\x93NUMPY", "a NumPy array", "convert it first"),
    (0, b"\x80\x02", "a Python pickle", "convert it first"),
    (0, b"\x80\x03", "a Python pickle", "convert it first"),
    (0, b"\x80\x04", "a Python pickle", "convert it first"),
    (0, b"\x80\x05", "a Python pickle", "convert it first"),
    (0, b"\0\x05\x16\x07", "a side file of macOS", "name the file without `._`"),
    (0, b"\x7FELF", "a program", "name a file of the right kind"),
    (0, b"MZ", "a Windows program", "name a file of the right kind"),
];

/// What a file is that starts so; `None` for plain text and for everything unknown.
#[must_use]
pub fn kind(start: &[u8]) -> Option<Kind> {
    if start.starts_with(b"PK\x03\x04") {
        return Some(zip(start));
    }
    let fits = |(at, magic, ..): &&(usize, &[u8], _, _)| start.get(*at..at + magic.len()) == Some(*magic);
    if let Some((_, _, name, way_out)) = MAGIC.iter().find(fits) {
        return Some(Kind { name, way_out });
    }
    markup(start)
}

/// A zip archive may be a workbook or the weights of PyTorch; the names of its first entries say so.
fn zip(start: &[u8]) -> Kind {
    let head = &start[..start.len().min(4096)];
    let holds = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if holds(b"data.pkl") {
        return Kind {
            name: "a PyTorch file (.pth)",
            way_out: "convert it to safetensors, see \"Weights from elsewhere\" in src/engine/README.md",
        };
    }
    match holds(b"[Content_Types].xml") || holds(b"xl/") {
        true => Kind { name: "an Excel workbook (.xlsx)", way_out: "save its sheet as CSV UTF-8" },
        false => Kind { name: "a zip archive", way_out: UNPACK },
    }
}

/// A saved error page stands where a download should be; its text is recognised by how it starts.
fn markup(start: &[u8]) -> Option<Kind> {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let begins = |word: &[u8]| start.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word));
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") {
        return Some(Kind { name: "a web page", way_out: "download the file itself" });
    }
    if begins(b"<svg") {
        return Some(Kind { name: "an SVG drawing", way_out: EXPORT });
    }
    let declared = begins(b"<?xml") && memchr::memmem::find(&start[..start.len().min(512)], b"<Error>").is_some();
    declared.then_some(Kind { name: "a download server's error message", way_out: "download the file itself" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_kind() {
        let name = |bytes: &[u8]| kind(bytes).map(|kind| kind.name);
        assert_eq!(name(b"version https://git-lfs.github.com/spec/v1\noid"), Some("a git-lfs pointer, not the file itself"));
        assert_eq!(name(b"\n  <!DOCTYPE html><p>404"), Some("a web page"));
        assert_eq!(name(b"PK\x03\x04....[Content_Types].xml"), Some("an Excel workbook (.xlsx)"));
        assert_eq!(name(b"PK\x03\x04....archive/data.pkl"), Some("a PyTorch file (.pth)"));
        assert_eq!(name(b"RIFF\0\0\0\0WEBPVP8 "), Some("a WebP picture"));
        assert_eq!(name(&[&[0; 128][..], b"DICM"].concat()), Some("a DICOM file"));
        assert_eq!((name(b"Patient_ID,a,b"), name(b"")), (None, None));
    }
}
