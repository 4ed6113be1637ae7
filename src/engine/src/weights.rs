//! Strict reading and writing of safetensors: every key, shape and kind of number must fit, or an error says which does not.
//!
//! Floating tensors may be stored in half precision; in memory they are always 32 bit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use sha2::{Digest, Sha256};
use svh_core::intake::{self, Kind as FileKind};
use tch::{Kind, Tensor};

use crate::nn::Store;
use crate::{Error, Result};

/// How floating tensors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 16 bit, for models that ship; vectors (biases, the statistics of norms) stay 32 bit, they are small and may need the range.
    Half,
    /// 32 bit, for checkpoints.
    Full,
}

/// The tensors of one safetensors file, on the CPU.
#[derive(Debug)]
pub struct Weights {
    path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
    metadata: BTreeMap<String, String>,
    sha256: String,
}

impl Weights {
    /// Reads a file. Half-precision and double tensors become 32 bit, integers stay 64 bit; other kinds are refused.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = intake::bytes(path, MAX_WEIGHTS).map_err(Error::io("read", path))?;
        let refused = |e: safetensors::SafeTensorError| Error::weights(path, not_weights(&bytes, &e));
        let file = SafeTensors::deserialize(&bytes).map_err(refused)?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(refused)?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            tensors.insert(name.clone(), to_tensor(path, &name, &view)?);
        }
        let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
        Ok(Self { path: path.to_path_buf(), tensors, metadata, sha256: format!("{:x}", Sha256::digest(&bytes)) })
    }

    /// SHA-256 of the file, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensor of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The text stored under this key in the file's header.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// The same tensors under other names; those for which `rename` gives `None` are dropped.
    #[must_use]
    pub(crate) fn renamed(mut self, rename: impl Fn(&str) -> Option<String>) -> Self {
        let tensors = std::mem::take(&mut self.tensors);
        self.tensors = tensors.into_iter().filter_map(|(name, tensor)| Some((rename(&name)?, tensor))).collect();
        self
    }

    /// The same tensors without a prefix that stands before all of their names, such as `module.` of a network trained on several GPUs, and that prefix.
    #[must_use]
    pub fn without_prefix(self) -> (Self, String) {
        const PREFIXES: [&str; 9] =
            ["module.", "model.", "_orig_mod.", "ema.", "ema_model.", "network.", "net.", "state_dict.", "model_state_dict."];
        // The counter of an average is not part of the network.
        let counts = |name: &str| name == "n_averaged" || name == "num_updates" || name == "decay";
        let mut prefix = String::new();
        loop {
            let next = PREFIXES.iter().find(|next| {
                let mut names = self.names().filter(|name| !counts(name)).peekable();
                names.peek().is_some() && names.all(|name| name.strip_prefix(&*prefix).is_some_and(|rest| rest.starts_with(**next)))
            });
            match next {
                Some(next) => prefix += next,
                None => break,
            }
        }
        if prefix.is_empty() {
            return (self, prefix);
        }
        (self.renamed(|name| name.strip_prefix(&*prefix).map(str::to_owned)), prefix)
    }

    /// Fills a network. The keys must be exactly the network's, each with the network's shape and kind.
    pub(crate) fn fill(&self, store: &Store) -> Result<()> {
        let entries = store.entries();
        let missing: Vec<_> = entries.iter().map(|e| e.0.as_str()).filter(|name| !self.tensors.contains_key(*name)).collect();
        let unknown: Vec<_> = self.names().filter(|name| store.get(name).is_none()).collect();
        if !missing.is_empty() || !unknown.is_empty() {
            return Err(self.problem(format!(
                "{}{}these weights are of another network",
                some("misses", &missing),
                some("has unknown", &unknown)
            )));
        }
        for (name, target, _) in &entries {
            self.check_fits(name, target)?;
        }
        self.copy(&entries.iter().map(|(name, tensor, _)| (name.as_str(), tensor)).collect::<Vec<_>>())
    }

    /// Fills the part of a network that `wanted` chooses; every chosen tensor must be there and fit, other tensors of the file are ignored.
    pub(crate) fn load_matching(&self, store: &Store, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let entries: Vec<_> = store.entries().into_iter().filter(|(name, ..)| wanted(name)).collect();
        let missing: Vec<_> = entries.iter().map(|e| e.0.as_str()).filter(|name| !self.tensors.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(self.problem(format!("{}these weights are of another network", some("misses", &missing))));
        }
        for (name, target, _) in &entries {
            self.check_fits(name, target)?;
        }
        self.copy(&entries.iter().map(|(name, tensor, _)| (name.as_str(), tensor)).collect::<Vec<_>>())
    }

    /// Whether this file has a tensor of this name that fits `target`.
    #[must_use]
    pub(crate) fn fits(&self, name: &str, target: &Tensor) -> bool {
        self.tensors.contains_key(name) && self.check_fits(name, target).is_ok()
    }

    fn check_fits(&self, name: &str, target: &Tensor) -> Result<()> {
        let tensor = &self.tensors[name];
        if tensor.size() != target.size() {
            let problem = format!(
                "`{name}` has shape {:?} where the network has {:?}; its card or the command names another architecture, other classes or other sizes",
                tensor.size(),
                target.size()
            );
            return Err(self.problem(problem));
        }
        if tensor.kind() != target.kind() {
            return Err(self.problem(format!("`{name}` holds {:?} numbers where the network has {:?}", tensor.kind(), target.kind())));
        }
        Ok(())
    }

    fn copy(&self, targets: &[(&str, &Tensor)]) -> Result<()> {
        let _guard = tch::no_grad_guard();
        for (name, target) in targets {
            target.shallow_clone().f_copy_(&self.tensors[*name])?;
        }
        Ok(())
    }

    fn problem(&self, problem: String) -> Error {
        Error::weights(&self.path, problem)
    }
}

/// Writes a network's tensors to a temporary file and renames it; returns the file's SHA-256.
pub fn save(store: &Store, path: &Path, precision: Precision) -> Result<String> {
    let entries = store.entries();
    write(path, entries.iter().map(|(name, tensor, _)| (name.clone(), tensor)), precision, &BTreeMap::new())
}

/// Writes named tensors and header texts likewise.
pub fn write<'t>(
    path: &Path,
    tensors: impl IntoIterator<Item = (String, &'t Tensor)>,
    precision: Precision,
    metadata: &BTreeMap<String, String>,
) -> Result<String> {
    let mut stored = Vec::new();
    for (name, tensor) in tensors {
        stored.push((name, stored_bytes(tensor, precision)?));
    }
    let views: Result<Vec<_>, _> =
        stored.iter().map(|(name, (dtype, shape, data))| Ok((name, TensorView::new(*dtype, shape.clone(), data)?))).collect();
    let header = (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect());
    let failed = |e: safetensors::SafeTensorError| Error::Internal(format!("cannot lay out {}: {e}", path.display()));
    let bytes = safetensors::serialize(views.map_err(failed)?, header).map_err(failed)?;
    svh_core::atomic::write(path, &bytes)?;
    Ok(format!("{:x}", Sha256::digest(&bytes)))
}

fn stored_bytes(tensor: &Tensor, precision: Precision) -> Result<(Dtype, Vec<usize>, Vec<u8>)> {
    let (kind, dtype) = match (tensor.kind(), precision) {
        (Kind::Float, Precision::Half) if tensor.dim() > 1 => (Kind::Half, Dtype::F16),
        (Kind::Float, _) => (Kind::Float, Dtype::F32),
        (Kind::Int64, _) => (Kind::Int64, Dtype::I64),
        (kind, _) => return Err(Error::Internal(format!("no network here holds {kind:?} numbers"))),
    };
    let tensor = tensor.f_detach()?.f_to_device(tch::Device::Cpu)?.f_to_kind(kind)?.f_contiguous()?;
    let mut data = vec![0; tensor.numel() * kind.elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut data, tensor.numel())?;
    Ok((dtype, tensor.size().iter().map(|&side| side as usize).collect(), data))
}

fn to_tensor(path: &Path, name: &str, view: &TensorView) -> Result<Tensor> {
    let (stored, kept) = match view.dtype() {
        Dtype::F16 => (Kind::Half, Kind::Float),
        Dtype::BF16 => (Kind::BFloat16, Kind::Float),
        Dtype::F32 => (Kind::Float, Kind::Float),
        Dtype::F64 => (Kind::Double, Kind::Float),
        Dtype::I64 => (Kind::Int64, Kind::Int64),
        other => return Err(Error::weights(path, format!("`{name}` is stored as {other:?}; only floats and 64-bit integers are known"))),
    };
    let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
    let tensor = Tensor::f_from_data_size(view.data(), &shape, stored)?.f_to_kind(kept)?;
    // One of them makes every answer NaN, which no message can carry.
    if kept == Kind::Float && tensor.numel() > 0 && !bool::try_from(tensor.f_isfinite()?.f_all()?)? {
        return Err(Error::weights(
            path,
            format!("`{name}` holds numbers that are NaN or infinite; take weights from before the training diverged"),
        ));
    }
    Ok(tensor)
}

/// The most bytes of a file of weights.
const MAX_WEIGHTS: u64 = 1 << 32;

/// What a file is that is not a safetensors file: another kind by its name, one that broke off, or one whose header is damaged.
fn not_weights(bytes: &[u8], error: &safetensors::SafeTensorError) -> String {
    const CONVERT: &str = "convert it to safetensors, see \"Weights from elsewhere\" in src/engine/README.md";
    if bytes.is_empty() {
        return "is empty (0 bytes); download it again".to_owned();
    }
    if let Some(FileKind { name, way_out }) = intake::kind(bytes) {
        let pickle = name.contains("pickle") || name.contains("HDF5");
        return format!("is {name}; {}", if pickle { CONVERT } else { way_out });
    }
    match expected_length(bytes) {
        Some(expected) if (bytes.len() as u64) < expected => {
            format!("is cut short: it has {} of {expected} bytes; download it again", bytes.len())
        }
        Some(_) => format!("is a damaged safetensors file ({error}); download it again"),
        None => format!(
            "is not a safetensors file ({error}); weights of another format must be converted first, see \"Weights from elsewhere\" in src/engine/README.md"
        ),
    }
}

/// The length that a safetensors header calls for: 8 bytes, the header, the tensors. `None` where the file does not begin as such a header does.
fn expected_length(bytes: &[u8]) -> Option<u64> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let length = u64::from_le_bytes(*length);
    // The format's own bound.
    (length < 100_000_000 && rest.first() == Some(&b'{')).then_some(())?;
    let whole = usize::try_from(length).ok().and_then(|length| rest.get(..length));
    let Some(header) = whole else { return Some(8 + length) };
    let entries: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let end = |entry: &serde_json::Value| entry.get("data_offsets")?.get(1)?.as_u64();
    Some((8 + length).saturating_add(entries.values().filter_map(end).max().unwrap_or(0)))
}

fn some(what: &str, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{what} `{one}`; "),
        [first, ..] => format!("{what} {} tensors, `{first}` first; ", names.len()),
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::nn::{Linear, ParamInit};

    fn network(inputs: i64, seed: u64) -> Store {
        let store = Store::new(Device::Cpu, ParamInit::Random(seed));
        Linear::new(&store.root().enter("fc"), inputs, 2).unwrap();
        let _ = store.root().enter("norm").counter("num_batches_tracked").unwrap();
        store
    }

    #[test]
    fn half_precision_on_disk_is_full_precision_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (network(3, 1), network(3, 2));
        let path = folder.path().join("w.safetensors");
        let sha = save(&from, &path, Precision::Half).unwrap();
        let weights = Weights::read(&path).unwrap();
        assert_eq!(weights.sha256(), sha);
        weights.fill(&to).unwrap();
        let (a, b) = (from.get("fc.weight").unwrap(), to.get("fc.weight").unwrap());
        assert_eq!(b.kind(), Kind::Float);
        assert!((a - b).abs().max().double_value(&[]) < 1e-3);
    }

    #[test]
    fn full_precision_round_trips_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (network(3, 1), network(3, 2));
        let path = folder.path().join("w.safetensors");
        save(&from, &path, Precision::Full).unwrap();
        Weights::read(&path).unwrap().fill(&to).unwrap();
        assert!(from.get("fc.bias").unwrap().equal(&to.get("fc.bias").unwrap()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        save(&network(3, 1), &path, Precision::Full).unwrap();
        let weights = Weights::read(&path).unwrap();
        let message = weights.fill(&network(4, 1)).unwrap_err().to_string();
        assert!(message.contains("`fc.weight` has shape [2, 3] where the network has [2, 4]"), "{message}");

        let other = Store::new(Device::Cpu, ParamInit::Empty);
        Linear::new(&other.root().enter("head"), 3, 2).unwrap();
        let message = weights.fill(&other).unwrap_err().to_string();
        assert!(message.contains("misses 2 tensors, `head.bias` first; has unknown 3 tensors, `fc.bias` first"), "{message}");

        std::fs::write(&path, b"not weights").unwrap();
        assert!(Weights::read(&path).unwrap_err().to_string().contains("is not a safetensors file"));
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused_with_their_tensor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let store = network(3, 1);
            let _ = tch::no_grad(|| store.get("fc.bias").unwrap().get(1).fill_(wrong));
            save(&store, &path, Precision::Full).unwrap();
            let message = Weights::read(&path).unwrap_err().to_string();
            assert!(message.contains("`fc.bias` holds numbers that are NaN or infinite"), "{wrong}: {message}");
        }
    }

    #[test]
    fn what_only_has_the_name_of_weights_is_called_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        save(&network(3, 1), &path, Precision::Full).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 44\n";
        for (bytes, words) in [
            (&pointer[..], "git-lfs"),
            (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
            (b"", "is empty"),
            (&whole[..whole.len() - 3], "is cut short: it has"),
            (&whole[..20], "is cut short: it has"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let message = Weights::read(&path).unwrap_err().to_string();
            assert!(message.to_lowercase().contains(words), "{words}: {message}");
        }
    }

    #[test]
    fn one_prefix_before_all_names_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        for prefix in ["module.", "model.", "_orig_mod.", "ema.", "module.model."] {
            let store = Store::new(Device::Cpu, ParamInit::Random(4));
            let inner = prefix.trim_end_matches('.').split('.').fold(store.root(), |at, part| at.enter(part));
            Linear::new(&inner.enter("fc"), 3, 2).unwrap();
            save(&store, &path, Precision::Full).unwrap();
            let (weights, found) = Weights::read(&path).unwrap().without_prefix();
            assert_eq!(found, prefix);
            let names: Vec<&str> = weights.names().collect();
            assert_eq!(names, ["fc.bias", "fc.weight"], "{prefix}");
        }
    }
}
