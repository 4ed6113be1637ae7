//! The one place where the state changes: events become actions, actions change the state and ask for effects.

use crossterm::event::{self, KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use std::path::PathBuf;
use svh_terminal::input::{Answer, Input};
use svh_terminal::{Painter, TerminalCapabilities, probe};

use svh_core::{FilmDetections, protocol::FilmRequest};

use super::{
    action::{Action, Effect, Wanted},
    active_run, bulk, cohort_choice,
    confirm::{Confirm, Confirmed},
    data::Catalogue,
    event::Event,
    explain, header, help,
    jobs::{Job, Task, Update},
    keys::screens::{FILM, REVIEW},
    message::{Level, Message},
    navigation, output, palette,
    prompt::Typed,
    question,
    screen_trait::Change,
    screens::{changes, curves, film, list, review, runs},
    state::{Cohort, State},
    tagging,
};

/// Changes the state by what happened. `get` reads the environment.
pub fn update(state: &mut State, event: Event, get: impl Fn(&str) -> Option<String>) -> Vec<Effect> {
    match event {
        Event::Input(Input::Event(input)) => return follow_input(state, input),
        Event::Input(Input::Answer(answer)) => return on_answer(state, answer, get),
        Event::Suspend => return vec![Effect::Suspend],
        Event::Resized => state.registry.settle(state),
        Event::Rested => return state.front().rested(state),
        Event::Continued => return vec![Effect::Clear],
        Event::InputEnded | Event::Killed(_) => return vec![Effect::Quit],
        Event::Cohort(result) => return loaded(state, result.map(|catalogue| *catalogue)),
        Event::Runs(runs) => return runs::listed(state, runs),
        Event::Written(written) => runs::written(state, written),
        Event::Started(result) => runs::started(state, result),
        Event::Metrics(question::Answer::Compared(first, second, result)) => runs::compared(state, (first, second), result),
        Event::Metrics(question::Answer::Changes(found)) => return changes::arrived(state, found),
        Event::Metrics(question::Answer::Detector(source, task, found)) => curves::on_answer(state, &source, task, found),
        Event::Metrics(answer) => return active_run::on_answer(state, answer),
        Event::Enhanced(of, enhancement, picture) => state.enhanced.take(of, enhancement, picture),
        Event::Sheet(made) => state.sheet.take(*made),
        Event::RunResults(folder, results) => return active_run::results_read(state, &folder, *results),
        Event::Recorded(folder) => return active_run::recorded(state, folder),
        Event::Tasks(run, tasks) => runs::tasks(state, run, tasks),
        Event::Submitted(result) => runs::submitted(state, result),
        Event::Managed(result) => return runs::managed(state, result),
        Event::Stopped(name) => state.message = Some(Message::info(format!("{name} was stopped; c resumes it"))),
        Event::Film(path, result) => return film::read(state, &path, result),
        Event::Engine(message) => {
            let news = state.engine.on_message(*message);
            return follow(state, news);
        }
        Event::Reviews(news) => return review::read(state, *news),
        Event::Tags(news) => {
            state.session.take_tags(*news);
            return state.registry.announce(state, Change::Tags);
        }
        Event::Unkept(unkept) => review::unkept(state, unkept),
        Event::Queue(queue) => return review::built(state, queue),
        Event::Boxes(..) if state.session.blind => return navigation::refuse(state),
        Event::Boxes(wanted, boxes) => {
            state.message = None;
            return match wanted {
                Wanted::Above(score) => bulk::accept_above(state, score, &boxes),
                Wanted::Joint(joint) => list::open_pass(state, joint, boxes),
            };
        }
        Event::Wrote(result) => output::written(state, result),
        Event::NotKept(reason) | Event::Internal(reason) => state.message = Some(Message::error(reason)),
        Event::Gpus(gpus) => state.gpus = gpus,
        // The loop hands them to the painter, and to the cohort that they are of.
        Event::Pixels(_) | Event::Of(..) => {}
    }
    Vec::new()
}

fn loaded(state: &mut State, result: Result<Catalogue, String>) -> Vec<Effect> {
    match result {
        Ok(catalogue) => {
            if let Some(problem) = catalogue.problems.first() {
                let more = catalogue.problems.len() - 1;
                let more = if more > 0 { format!(" (and {more} more; `svh summary` lists them)") } else { String::new() };
                state.message = Some(Message::info(format!("{problem}{more}")));
            }
            state.cohort = Cohort::Ready(std::sync::Arc::new(catalogue));
            let mut effects = state.registry.announce(state, Change::Cohort);
            effects.extend(active_run::read(state));
            effects.extend(output::opening(state));
            effects
        }
        Err(reason) => {
            state.cohort = Cohort::Failed(reason);
            Vec::new()
        }
    }
}

fn follow_input(state: &mut State, input: event::Event) -> Vec<Effect> {
    match input {
        event::Event::Key(key) => return press(state, key),
        event::Event::Mouse(mouse) => return point(state, mouse),
        event::Event::Paste(text) if state.palette.is_some() => palette::typed(state, &Typed::Text(text)),
        event::Event::Paste(_) if state.confirm.is_some() => {}
        event::Event::Paste(text) if state.prompt.is_some() => return type_in(state, &Typed::Text(text)),
        // The size of the window comes by a signal, and focus is not asked for.
        event::Event::Paste(_) | event::Event::Resize(..) | event::Event::FocusGained | event::Event::FocusLost => {}
    }
    Vec::new()
}

/// A piece of the terminal's answer. The device attributes decide; what comes later, through tmux, decides again.
fn on_answer(state: &mut State, answer: Answer, get: impl Fn(&str) -> Option<String>) -> Vec<Effect> {
    if probe::on_answer(&mut state.answers, answer) {
        state.capabilities = TerminalCapabilities::decided(state.wishes, &get, &state.answers);
        state.theme = state.look.theme(state.capabilities.colours, state.capabilities.background);
        if state.painter.protocol() != state.capabilities.protocol {
            state.painter = Painter::new(state.capabilities.protocol);
        }
    }
    probe::question_through_tmux(&mut state.answers, get).map(Effect::AskTerminal).into_iter().collect()
}

fn press(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    match (key.modifiers, key.code) {
        (KeyModifiers::CONTROL, KeyCode::Char('c')) => return quit(state, Some(key)),
        (KeyModifiers::CONTROL, KeyCode::Char('z')) => return vec![Effect::Suspend],
        _ => {}
    }
    if let Some(confirm) = state.confirm.take() {
        return if confirm.is_yes(key) { confirmed(state, confirm.then) } else { Vec::new() };
    }
    if state.palette.is_some() {
        let outcome = palette::press(state, key);
        return follow_palette(state, outcome);
    }
    if let Some(effects) = state.front().press(state, key) {
        return effects;
    }
    if state.prompt.is_some() {
        return Typed::of(key).map_or_else(Vec::new, |typed| type_in(state, &typed));
    }
    let meant = state.aliases.meant(state.place(), key);
    let Some(action) = meant.and_then(|key| state.registry.keys.action(state.place(), key)) else { return Vec::new() };
    if state.message.as_ref().is_some_and(|message| message.level == Level::Info) {
        state.message = None;
    }
    act(state, action)
}

/// Something was typed into the line at the foot.
fn type_in(state: &mut State, typed: &Typed) -> Vec<Effect> {
    if output::is_asking(state) {
        output::typed(state, typed)
    } else if tagging::is_asking(state) {
        tagging::typed(state, typed)
    } else {
        state.front().typed(state, typed)
    }
}

/// Does what the user wants.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => quit(state, state.registry.keys.key_of(state.place(), Action::Quit)),
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => vec![Effect::Clear],
        Action::Back => back(state),
        Action::Go(screen) => navigation::go(state, screen),
        Action::Palette => {
            palette::open(state, palette::Offer::Everything);
            Vec::new()
        }
        Action::ChooseRun | Action::ChooseCohort | Action::Score | Action::Detect | Action::DetectAll if state.session.blind => {
            navigation::refuse(state)
        }
        Action::ChooseRun => {
            palette::open(state, palette::Offer::Runs);
            Vec::new()
        }
        Action::ChooseCohort => cohort_choice::offer(state),
        Action::Help => {
            state.help = if state.help.is_some() { None } else { Some(help::State::new(state.place())) };
            Vec::new()
        }
        _ if state.help.is_some() => {
            help::act(state, action);
            Vec::new()
        }
        Action::Explain if state.screen != FILM.id => why(state),
        Action::NextDevice => next_device(state),
        Action::Detect => detect(state, false),
        Action::DetectAll => detect(state, true),
        Action::Score => score(state),
        Action::Tag => tagging::ask(state),
        Action::SameJoint => bulk::same_joint(state),
        Action::SaveFigure => output::ask_figure(state),
        Action::Copy => output::copy(state),
        Action::NextItem | Action::PreviousItem if state.screen == FILM.id => step(state, action == Action::NextItem),
        _ => state.front().act(state, action),
    }
}

/// Opens the film of what is chosen and says why its joint has its grade.
fn why(state: &mut State) -> Vec<Effect> {
    if state.session.blind {
        return navigation::refuse(state);
    }
    let open = if state.screen == REVIEW.id { Action::OnFilm } else { Action::Open };
    let mut effects = state.front().act(state, open);
    if state.screen == FILM.id {
        effects.extend(film::show_why(state));
    }
    effects
}

/// The next item of the list from which the film was opened, or the one before.
fn step(state: &mut State, forward: bool) -> Vec<Effect> {
    let registry = state.registry;
    let list = state.film.origin.map_or_else(|| registry.first_screen(), |screen| registry.screen(screen).1);
    let stepped = list.step(state, forward);
    stepped.unwrap_or_else(|| registry.first_screen().step(state, forward).unwrap_or_default())
}

/// Does what was asked for.
fn confirmed(state: &mut State, then: Confirmed) -> Vec<Effect> {
    match then {
        Confirmed::Quit => vec![Effect::Quit],
        Confirmed::Stop(folder) => runs::stop(state, folder),
        Confirmed::Cluster(job) => vec![Effect::Cluster(job)],
        Confirmed::Delete(folder) => vec![Effect::DeleteRun(folder)],
        Confirmed::Start(words) => runs::start(state, words),
    }
}

/// Ends the program, or asks first where something would be lost.
fn quit(state: &mut State, again: Option<KeyEvent>) -> Vec<Effect> {
    let asked = state.confirm.take().is_some_and(|confirm| confirm.then == Confirmed::Quit);
    let busy = state.engine.current().map(|job| format!("still {}: cancel it and quit?", job.title()));
    let unkept = state.session.unkept.as_ref().map(|(count, _)| {
        let changes = if *count == 1 { "1 change is".to_owned() } else { format!("{count} changes are") };
        format!("{changes} not on disk: discard and quit?")
    });
    match unkept.or(busy).filter(|_| !asked) {
        Some(question) => {
            state.confirm = Some(Confirm::new(question, Confirmed::Quit, again));
            Vec::new()
        }
        None => vec![Effect::Quit],
    }
}

fn back(state: &mut State) -> Vec<Effect> {
    if state.help.take().is_some() || state.message.take_if(|message| message.level == Level::Error).is_some() {
        return Vec::new();
    }
    if let Some(request) = state.engine.cancel() {
        return vec![Effect::Send(request)];
    }
    if state.front().back(state) {
        return Vec::new();
    }
    navigation::back(state).unwrap_or_default()
}

fn next_device(state: &mut State) -> Vec<Effect> {
    let request = state.engine.next_device();
    vec![Effect::Send(request)]
}

/// The patient that a request is about, with its films.
fn scoring_target(state: &State) -> Option<(String, Vec<PathBuf>)> {
    let index = state.front().patient(state)?;
    let catalogue = state.catalogue()?;
    let id = catalogue.cohort.patients().get(index)?.id.clone();
    Some((id, catalogue.films(index).into_iter().map(|(_, path)| path).collect()))
}

fn detect(state: &mut State, all: bool) -> Vec<Effect> {
    let Some((patient, mut films)) = scoring_target(state) else { return Vec::new() };
    if !all && let Some(current) = film::current(state).filter(|_| state.front().shows_film()) {
        films = vec![current.path];
    }
    if !may_ask(state, &patient, &films, &Task::Detect(patient.clone())) {
        return Vec::new();
    }
    let request = state.engine.detect(&patient, requests(films));
    vec![Effect::Send(request)]
}

fn score(state: &mut State) -> Vec<Effect> {
    let Some((patient, films)) = scoring_target(state) else { return Vec::new() };
    if !may_ask(state, &patient, &films, &Task::Score(patient.clone())) {
        return Vec::new();
    }
    let request = state.engine.score(&patient, requests(films));
    vec![Effect::Send(request)]
}

fn requests(films: Vec<PathBuf>) -> Vec<FilmRequest> {
    films.into_iter().map(|path| FilmRequest { path, limb: None }).collect()
}

/// Whether a request makes sense; shows why where it does not.
fn may_ask(state: &mut State, patient: &str, films: &[PathBuf], task: &Task) -> bool {
    if films.is_empty() {
        state.message = Some(Message::info(format!("{patient} has no film")));
        return false;
    }
    if state.engine.is_busy_with(task) {
        state.message = Some(Message::info("already running; Esc cancels"));
        return false;
    }
    state.message = None;
    true
}

/// What the engine's news mean for the screens.
fn follow(state: &mut State, news: Update) -> Vec<Effect> {
    match news {
        Update::None => {}
        Update::Film(path, result) => return add_film(state, path, *result),
        Update::Patient(score) => {
            state.session_results.add_patient((*score).clone(), None);
            return [vec![Effect::KeepPatient(score)], active_run::answered(state)].concat();
        }
        Update::Explained(id, explanation) => explain::explained(state, id, *explanation),
        Update::Similar(id, joints) => explain::found(state, id, joints),
        Update::FilmFailed(reason) => state.message = Some(Message::error(reason)),
        Update::Done(job) => finished(state, &job),
        Update::Failed(Some(Job { id, cancelled, task: Task::Explain(_) | Task::Similar(_), .. }), reason) => {
            explain::failed(state, Some(id), if cancelled { "cancelled; h asks again" } else { &reason });
        }
        Update::Failed(job, reason) => {
            if job.is_none() {
                explain::failed(state, None, &reason);
            }
            let cancelled = job.as_ref().is_some_and(|job| job.cancelled);
            state.message = Some(match job {
                Some(job) if cancelled => Message::info(format!("cancelled: {}", job.title())),
                _ => Message::error(reason),
            });
        }
    }
    Vec::new()
}

fn add_film(state: &mut State, path: PathBuf, result: FilmDetections) -> Vec<Effect> {
    let note = result.remarks().into_iter().next();
    let kept = Effect::KeepFilm(Box::new(result.clone()));
    state.session_results.add_film(path.clone(), result);
    let answered = active_run::answered(state);
    if let (Some(note), true) = (note, film::current(state).is_some_and(|current| current.path == path)) {
        state.message = Some(Message::info(note));
    }
    [vec![kept], answered].concat()
}

fn finished(state: &mut State, job: &Job) {
    if matches!(job.task, Task::Explain(_) | Task::Similar(_)) {
        return;
    }
    if job.cancelled {
        state.message = Some(Message::info(format!("cancelled: {}", job.title())));
        return;
    }
    // A film that failed has said so itself, and that must stay to be read.
    if state.session.blind {
        state.message = Some(Message::info("done; the results are shown when blind reading has ended"));
        return;
    }
    if job.failed > 0 || state.message.as_ref().is_some_and(|message| message.level == Level::Error) {
        return;
    }
    state.message = match &job.task {
        Task::Detect(_) => Some(Message::info(found(state))),
        Task::Score(patient) => state.results.patient(patient).and_then(|scored| {
            let totals = scored.totals?;
            let (all, expected) = (totals.all, scored.score.expected_joints);
            Some(Message::info(format!(
                "{patient}: narrowing {}, erosion {}, total {}, graded {} of {expected} · ^R other runs",
                all.narrowing,
                all.erosion,
                all.total(),
                all.joints
            )))
        }),
        // The film shows what they have found.
        Task::Explain(_) | Task::Similar(_) => None,
        Task::Device(_) => state.engine.device.as_ref().map(|device| Message::info(format!("the networks run on {device}"))),
    };
}

/// How many joints the film at hand has now, in words.
fn found(state: &State) -> String {
    let Some(found) = film::current(state).filter(|_| state.screen == FILM.id).and_then(|current| current.found) else {
        return "joints found".to_owned();
    };
    let kept = found.detections.iter().filter(|one| one.kept);
    let inferred = kept.clone().filter(|one| one.from == svh_core::Origin::Inferred).count();
    let doubtful = kept.clone().filter(|one| one.implausible.is_some()).count();
    format!("{} joints found, {inferred} of them inferred, {doubtful} implausible", kept.count())
}

fn point(state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
    if state.prompt.is_some() || state.confirm.is_some() || state.is_cramped() {
        return Vec::new();
    }
    if let (MouseEventKind::Down(_), Some(screen)) = (mouse.kind, header::tab_at(state, mouse.column, mouse.row)) {
        return navigation::go(state, screen);
    }
    if state.palette.is_some() {
        let outcome = palette::mouse(state, mouse);
        return follow_palette(state, outcome);
    }
    if state.help.is_some() {
        match mouse.kind {
            MouseEventKind::ScrollUp => help::act(state, Action::Up),
            MouseEventKind::ScrollDown => help::act(state, Action::Down),
            _ => {}
        }
        return Vec::new();
    }
    state.front().mouse(state, mouse)
}

fn follow_palette(state: &mut State, outcome: palette::Outcome) -> Vec<Effect> {
    match outcome {
        palette::Outcome::Done(effects) => effects,
        palette::Outcome::Act(action) => act(state, action),
        palette::Outcome::ActOn(screen, action) => {
            let effects = if screen == FILM.id {
                // The film of the patient who is chosen in the table.
                state.patients.table.chosen().map_or_else(Vec::new, |patient| film::open(state, patient, None))
            } else {
                navigation::go(state, screen)
            };
            if state.screen != screen { effects } else { [effects, act(state, action)].concat() }
        }
    }
}
