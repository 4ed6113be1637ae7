//! `svh-engine`: the process that owns libtorch. The workbench starts it; it can be used by hand as well.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use svh_core::model_command::ModelCommand;
use svh_core::protocol::{ENGINE_ENV, Event};
use svh_core::training::{DetectorOptions, ScorerOptions, TrainOptions, without_separator};
use svh_engine::device::{self, Choice};
use svh_engine::train::{self, adapt, calibrate, detector_recipe, familiarity, follow, frequencies, scorer_recipe};
use svh_engine::{Error, Result, baseline, explain, import, info, listener, measure, serve};

#[derive(Parser)]
#[command(name = "svh-engine", version, about = "The networks of svh: serves requests, trains, imports models")]
struct Cli {
    /// auto, cpu, cuda or cuda:N
    #[arg(long, global = true, default_value = "auto", value_parser = |text: &str| text.parse::<Choice>())]
    device: Choice,
    /// Folder of model folders
    #[arg(long, global = true, env = "SVH_MODELS")]
    models: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests: one JSON object per line on stdin, events on stdout
    Serve {
        /// Half precision, on a GPU
        #[arg(long)]
        half: bool,
    },
    /// Train a network
    Train(Train),
    /// Import, calibrate, adapt or run a model
    Model(Model),
    /// Grade by a single measure of each crop, as a baseline for a scorer: gap width for narrowing, missing bone for erosion
    Baseline(baseline::BaselineArgs),
    /// Time single networks: one JSON question per line on stdin (see `measure.rs`), for comparisons with other devices and programs
    Measure,
    /// Report libtorch, devices and models, and what is wrong with them
    Info {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
struct Train {
    /// The options as JSON, as the workbench sends them and runs keep them
    #[arg(long)]
    json: Option<String>,
    #[command(subcommand)]
    options: Option<TrainOptions>,
}

impl Train {
    fn options(self) -> Result<TrainOptions> {
        match (self.options, self.json) {
            (Some(options), _) => Ok(options),
            (None, Some(json)) => serde_json::from_str(&json).map_err(|error| Error::Usage(format!("--json: {error}"))),
            (None, None) => Err(Error::Usage("say what to train: detector or scorer".to_owned())),
        }
    }
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
struct Model {
    /// The command as JSON, as the workbench sends it
    #[arg(long)]
    json: Option<String>,
    #[command(subcommand)]
    action: Option<ModelAction>,
}

#[derive(Subcommand)]
enum ModelAction {
    #[command(flatten)]
    Shared(ModelCommand),
    /// Show which parts of the crops a scorer's grades rest on (occlusion maps, and gradients)
    Explain(explain::command::ExplainArgs),
}

impl Model {
    fn action(self) -> Result<ModelAction> {
        match (self.action, self.json) {
            (Some(action), _) => Ok(action),
            (None, Some(json)) => {
                serde_json::from_str(&json).map(ModelAction::Shared).map_err(|error| Error::Usage(format!("--json: {error}")))
            }
            (None, None) => Err(Error::Usage("say what to do with a model; svh-engine model --help lists the commands".to_owned())),
        }
    }
}

fn main() -> ExitCode {
    set_environment();
    svh_core::film::dicom::ignore_voi_from_environment();
    // A panic within a request is answered as its failure; the log gets one line instead of a backtrace.
    std::panic::set_hook(Box::new(|panic| complain(&panic.to_string())));
    match run(parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(error.exit_status())
        }
    }
}

fn parse() -> Cli {
    let cli = Cli::parse();
    match &cli.command {
        Command::Train(Train { options: Some(options), .. }) if !options.shared().more.is_empty() => {
            Cli::parse_from(without_separator(std::env::args_os()))
        }
        _ => cli,
    }
}

/// A sentence on stderr; where nobody hears it there is nothing to be done.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "svh-engine: {}", svh_core::printable::text(text));
}

fn run(cli: Cli) -> Result<()> {
    // A training outlives whoever watches it; the rest works for its caller alone.
    if !matches!(cli.command, Command::Train(_)) {
        listener::end_with();
    }
    let folder = svh_core::places::models(cli.models.as_deref()).unwrap_or_else(|| "models".into());
    match cli.command {
        Command::Serve { half } => serve::serve(folder, cli.device, half),
        Command::Train(train) => {
            let asked = train.options()?.absolute();
            match &asked {
                TrainOptions::Detector(options) => train_detector(options, &asked, cli.device),
                TrainOptions::Scorer(options) => train_scorer(options, &asked, cli.device),
            }
        }
        Command::Measure => measure::measure(device::open(cli.device)?),
        Command::Baseline(args) => baseline::run(&args).map(|text| say(&text)),
        Command::Info { json } => {
            let info = info::collect(&folder);
            let text = if json { info.to_string() } else { info::in_words(&info) };
            say(&text);
            Ok(())
        }
        Command::Model(model) => run_model(model.action()?, &folder, cli.device).map(|text| say(&text)),
    }
}

/// Does a command about one model; the text is its result.
fn run_model(action: ModelAction, folder: &Path, choice: Choice) -> Result<String> {
    let progress = |what: &'static str| {
        move |done, total| {
            let event = Event::Progress { id: 0, done, total, what: what.to_owned() };
            say(&serde_json::to_string(&event).unwrap_or_default());
        }
    };
    match action {
        ModelAction::Shared(ModelCommand::Import(args)) => import::import(&args),
        ModelAction::Shared(ModelCommand::Run(args)) => {
            let answer = import::run(&args.model, &args.image, device::open(choice)?)?;
            Ok(if args.json { answer.to_string() } else { format!("{answer:#}") })
        }
        ModelAction::Shared(ModelCommand::Calibrate(args)) => {
            calibrate::run(&args, device::open(choice)?, &mut progress("patients graded"))
        }
        ModelAction::Shared(ModelCommand::Severity(args)) => frequencies::run(&args),
        ModelAction::Shared(ModelCommand::Adapt(args)) => adapt::run(&args, folder, choice, &mut progress("patients read")),
        ModelAction::Shared(ModelCommand::Familiarity(args)) => {
            familiarity::run(&args, device::open(choice)?, &mut progress("patients or films read"))
        }
        ModelAction::Explain(args) => explain::command::explain(&args, device::open(choice)?, &mut progress("films explained")),
    }
}

/// Starts this program once more where the caller has not set [`ENGINE_ENV`] (the workbench does).
fn set_environment() {
    use std::os::unix::process::CommandExt;
    let missing: Vec<_> = ENGINE_ENV.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    if missing.is_empty() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Comes back only when the program cannot be started; then it goes on slowly.
        let _ = std::process::Command::new(program).args(std::env::args_os().skip(1)).envs(missing).exec();
    }
}

/// Writes a line; a reader that has gone wants no answer.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn train_detector(args: &DetectorOptions, asked: &TrainOptions, choice: Choice) -> Result<()> {
    let training = detector_recipe::training(args, device::open(choice)?)?;
    tch::set_num_threads(args.shared.threads());
    let settings = vec![
        ("network", "detector".into()),
        ("task", training.task.name().into()),
        ("arch", training.config.arch.name().into()),
        ("batch", training.batch.into()),
        ("learning_rate", training.learning_rate.into()),
    ];
    follow::follow(&follow::Training { asked, device: choice.to_string(), settings }, |watcher| train::detector::run(&training, watcher))
}

fn train_scorer(args: &ScorerOptions, asked: &TrainOptions, choice: Choice) -> Result<()> {
    let training = scorer_recipe::training(args, device::open(choice)?)?;
    tch::set_num_threads(args.shared.threads());
    let settings = vec![
        ("network", "scorer".into()),
        ("task", training.config.task.to_string().into()),
        ("arch", training.config.arch.to_string().into()),
        ("batch", training.batch.into()),
        ("learning_rate", training.learning_rate.into()),
        ("held_out", training.held_out.into()),
    ];
    follow::follow(&follow::Training { asked, device: choice.to_string(), settings }, |watcher| train::scorer::run(&training, watcher))
}
