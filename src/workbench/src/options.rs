//! The options of every command and of the workbench: device, models, pictures, reader, verbosity.

use std::path::PathBuf;

use clap::Args;
use svh_core::review::ReadingOrder;
use svh_terminal::{Blocks, Images, capabilities::Wishes};

/// The global options.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Device for the networks: auto, cpu, cuda or cuda:N
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto", value_parser = device)]
    pub device: String,
    /// Detect and score in half precision, on a GPU
    #[arg(long, global = true)]
    pub half: bool,
    /// Folder of model folders; the tasks with a model are run [default: the models shipped with svh]
    #[arg(long, global = true, value_name = "DIR", env = "SVH_MODELS")]
    pub models: Option<PathBuf>,
    /// Image protocol of the terminal
    #[arg(long, global = true, value_enum, value_name = "HOW", default_value_t = Images::Auto)]
    pub images: Images,
    /// Characters of pictures made of blocks [default: what the terminal is known to draw, else quadrants]
    #[arg(long, global = true, value_enum, value_name = "WHICH", default_value_t = Blocks::Auto, hide_default_value = true)]
    pub blocks: Blocks,
    /// Reader name, stored with reviews [default: the login name]
    #[arg(long, global = true, value_name = "NAME", env = "SVH_READER")]
    pub reader: Option<String>,
    /// Order in which blind readers see the films: chronological, random-in-pair or single; stored with every answer
    #[arg(long, global = true, value_name = "ORDER", default_value = "chronological", hide_default_value = true)]
    pub reading_order: ReadingOrder,
    /// Ignore the VOI window or table of DICOM films, for files whose window shows nothing; their whole range is shown and graded
    #[arg(long, global = true, env = "SVH_IGNORE_VOI", value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    pub ignore_voi: bool,
    /// Print only errors to stderr, no progress and no notes
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Options {
    /// How pictures are to be painted.
    #[must_use]
    pub const fn wishes(&self) -> Wishes {
        Wishes { images: self.images, blocks: self.blocks }
    }
}

/// A device by its name.
///
/// # Errors
/// What can be written.
pub fn device(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.strip_prefix("cuda:").map(str::parse::<u16>);
    match lower.as_str() {
        "auto" | "cpu" | "cuda" => Ok(lower),
        _ if matches!(number, Some(Ok(_))) => Ok(lower),
        _ => Err("use auto, cpu, cuda or cuda:N, such as cuda:0".to_owned()),
    }
}
