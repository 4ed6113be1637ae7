//! What every command and every screen is told by the command line: device, models, pictures, how much to say.

use std::path::PathBuf;

use clap::Args;
use svh_terminal::Images;

/// The options that are the same everywhere.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Where the networks run: auto, cpu, cuda or cuda:N
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto", value_parser = device)]
    pub device: String,
    /// Half precision for detecting and scoring on a GPU
    #[arg(long, global = true)]
    pub half: bool,
    /// A folder of model folders; the tasks that are there are run [default: the models that came with svh]
    #[arg(long, global = true, value_name = "DIR", env = "SVH_MODELS")]
    pub models: Option<PathBuf>,
    /// How pictures are painted
    #[arg(long, global = true, value_enum, value_name = "HOW", default_value_t = Images::Auto)]
    pub images: Images,
    /// The name under which reviews are kept [default: the login name]
    #[arg(long, global = true, value_name = "NAME", env = "SVH_READER")]
    pub reader: Option<String>,
    /// No progress and no notes on stderr, only errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

fn device(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.strip_prefix("cuda:").map(str::parse::<u16>);
    match lower.as_str() {
        "auto" | "cpu" | "cuda" => Ok(lower),
        _ if matches!(number, Some(Ok(_))) => Ok(lower),
        _ => Err("use auto, cpu, cuda or cuda:N, such as cuda:0".to_owned()),
    }
}
