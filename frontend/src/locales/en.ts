import messages from "../../../tutor_emotion/messages/en.json";
import type { Access } from "../core/media";
import type { BadQuality, Note } from "../core/reduce";
import type {
  AdaptationKind,
  COMPARED_MEASURES,
  HAPPENED_MEASURES,
  LearnerRow,
  MESSAGE_KEYS,
  Modality,
  Need,
  OutcomeMessage,
  SelfReportMessage,
} from "../protocol";

/** Flags go to the teacher; all other messages are the learner's. */
export type LearnerMessageKey = Exclude<(typeof MESSAGE_KEYS)[number], `flag.${string}`>;

/** Lines of a message; `{step}` and `{skill}` are filled with titles, where the lesson gave them. */
export type Messages = Record<LearnerMessageKey, readonly string[]>;

/** Words for a number: `{n}` is the number itself, formatted. Languages differ in their forms. */
export interface Plural extends Partial<Record<Intl.LDMLPluralRule, string>> {
  one: string;
  other: string;
}

/** Words that do not change with the number. */
export function same(words: string): Plural {
  return { one: words, other: words };
}

// What a net was taught by how people sort pictures and recordings. Their names for it are feelings,
// and what people would call a face is no measurement of the person: so it is not told by name.
const ANOTHER_FACE = "Another face than a resting one, as people sort pictures";
const ANOTHER_VOICE = "Another voice than an even one, as people sort recordings";

export const en = {
  modality: {
    face: "camera",
    voice: "microphone",
    text: "messages you type",
    interaction: "answers, hints and time",
    self_report: "one-tap feedback",
  } satisfies Record<Modality, string>,

  choose: {
    title: "Help at the right moment",
    lead: "This lesson can offer help when a step is hard going. You decide what it may use for that, now and at any time.",
    equal: "Whatever you choose: the same lesson, the same hints, the same marks.",
    activity: "From the lesson itself",
    sensors: "From your device",
    activityHint:
      "Answers, hints, times and taps are kept for some days, as your school has set, with what was offered and why. Your teacher sees them, and when you may need help. Messages are not kept.",
    what: {
      interaction: "Whether answers are right, hints you open, and how long steps take",
      text: "Messages you write in the lesson, for phrases such as “I don’t get it”. Words that sound like danger call a person, in a pause too",
      self_report: "Small buttons to say how it is going, whenever you like",
      face:
        "Looks at small movements such as a lowered brow, and at the expression that people would " +
        "see in the picture.",
      voice:
        "Listens to how you speak – pauses, pace, melody, the mood that people would hear – not to " +
        "what you say.",
    } satisfies Record<Modality, string>,
    name: {
      face: "Camera",
      voice: "Microphone",
      text: "Messages",
      interaction: "Answers, hints and time",
      self_report: "One-tap feedback",
    } satisfies Record<Modality, string>,
    about: "What it is, exactly",
    short:
      "Pictures and sound go to this site’s server, are read in seconds and gone. No person sees or hears them.",
    facts: { leaves: "Leaves your device", kept: "Kept", sees: "Who sees it" },
    fact: {
      face: {
        leaves: "A small picture, encrypted, to this site’s server",
        kept: "No pictures, ever. They are read within seconds, in memory, and gone",
        sees: "No person. Your teacher sees only that you may need help, and why",
      },
      voice: {
        leaves: "Sound, encrypted, to this site’s server",
        kept: "No sound, ever. It is read within seconds, in memory, and gone",
        sees: "No person. Your teacher sees only that you may need help, and why",
      },
    },
    calibration: {
      legend: "To find out how often this is right",
      name: "Keep what I tap, with what was measured then",
      what: "When you tap how it is going, a few numbers from that moment are kept with it, such as “third try on this step”. No pictures, no sound, no text.",
      hint: "Used to check and improve the help, under a made-up name. Start once without this tick and what was kept is deleted.",
    },
    // Simpler words, for learners below 16.
    child: {
      title: "Do you want some help?",
      lead: "Some steps are hard. This lesson can help you then. You choose what it may look at. You can change your mind at any time.",
      equal: "You can say no. Then you get the same lesson, the same hints and the same marks.",
      activityHint:
        "What you answer and tap is kept for some days. Your teacher can see it, and when you may need help. Your messages are not kept.",
      short:
        "Pictures and sound go to a computer of this site. It looks and listens for a few seconds, then they are gone. No person sees or hears them.",
      what: {
        interaction: "If your answers are right, which hints you open, and how long you need",
        text: "What you write in the lesson, such as “I don’t get it”. If you write that you are in danger, a person is called, even in a pause",
        self_report: "Buttons to say how it is going. You only press them if you like",
        face: "The computer looks at your face: do you frown, and how does your face look to other people?",
        voice:
          "The computer listens to how you talk: fast or slow, loud or quiet, happy or not. It does not listen to what you say.",
      } satisfies Record<Modality, string>,
    },
    forbidden: "Not offered here",
    without: "Start without camera and microphone",
    withBoth: "Go on with camera and microphone",
    withCamera: "Go on with the camera",
    withMicrophone: "Go on with the microphone",
    withSensors: "Go on with camera or microphone",
    start: "Start",
    nudge: "Tick camera or microphone first, or start without them.",
    again: "As last time: {list}",
    retry: "Try again",
  },

  reasons: {
    forbidden_by_law: "Reading a face or a voice is not permitted here.",
    not_permitted: "It is not permitted here.",
    needs_guardian: "Ask a parent or guardian: your teacher can send them a link.",
    needs_release:
      "It needs a signed form first. Ask a parent or guardian: your teacher can send them a link.",
    profile_expired: "The rules for it have to be checked again first.",
    approval_missing: "The study that it is for has no approval here.",
    decision_missing: "It is only for medical or safety reasons, and nobody has decided on any.",
    switched_off: "It has been switched off for now.",
    course_paused: "Your teacher has paused it for the whole course.",
    off_in_course: "Your teacher has turned it off in this course.",
    other: "It cannot be used here.",
  },

  preview: {
    title: "Does everything work?",
    lead: "Only you see this. Nothing is sent before you begin.",
    video: "Your camera, as in a mirror",
    camera: "Camera",
    microphone: "Microphone",
    level: "How loud your microphone is",
    speak: "Say something: the bars should move.",
    unnamed: "Device {n}",
    begin: "Begin",
    back: "Back",
    without: "Go on without",
  },

  access: {
    none: "",
    asking: "Your browser now asks whether this page may use {list}.",
    ready: "",
    denied:
      "The browser did not give access. That is fine: you can go on without, or allow it in the address bar and try again.",
    no_device: "No such device was found. You can plug one in and try again, or go on without.",
    in_use:
      "Another program is using the device. You can close it and try again, or go on without.",
    impossible: "This browser cannot share camera or microphone here. You can go on without.",
  } satisfies Record<Access, string>,

  panel: {
    label: "Help at the right moment",
    using: "In use",
    nothing: "Nothing is in use. Hints are there as always; no other help comes by itself.",
    activity: "Lesson activity",
    paused: "Paused. Nothing is read until you go on.",
    stopped: "Stopped. Nothing is in use.",
    connecting: "Connecting …",
    waiting: "Connection lost. It comes back by itself; just go on with the lesson.",
    pause: "Pause",
    away: "Away for {n} min",
    resume: "Go on",
    stop: "Stop",
    change: "Change",
    goOnWithout: "Go on without camera and microphone",
    chooseAgain: "Choose again",
    useHere: "Use it here",
    tryAgain: "Try again",
    feel: "How is it going?",
    keys: "Keys",
    shortcuts:
      "When an offer is there: numbers choose, Escape closes it. Alt+Shift+1 to 4 say how it is going.",
  },

  feelings: {
    fine: "I’m fine",
    confused: "Confused",
    stuck: "Stuck",
    bored: "Bored",
  } satisfies Record<SelfReportMessage["feeling"], string>,

  notes: {
    taken: "Here it comes.",
    fine: "All right.",
    wrong: "Thank you, noted. Just go on.",
    told: "Thank you. Noted.",
  } satisfies Record<Note, string>,

  contact: {
    label: "Somebody to talk to",
    lead: "If you would like to talk to somebody:",
    close: "Put away",
  },

  offer: {
    label: "An offer of help",
    fine: "I’m fine",
    fineKey: "Escape",
    wrong: "That was wrong",
    why: "Why this?",
    whyLead: "What was measured, next to what is usual for you:",
    about: "How this works, and how often it is wrong (new tab)",
    whyNothing: "This comes from your place in the lesson, not from a measurement.",
    value: "{value}",
    usual: "usually {value}",
    above: "{n} times your usual spread above that",
    below: "{n} times your usual spread below that",
    held: "for {value}",
  },

  /** Several of each, that take turns; a school's own words stand in their place. */
  messages: messages satisfies Messages,
  anyMessage: "Would something else help with this step?",

  choices: {
    slow_down: "A bit slower",
    speed_up: "A bit faster",
    segment: "In smaller parts",
    hint: "A hint",
    hint_glow: "Show where hints are",
    worked_step: "Show one step",
    extra_example: "Another example",
    easier_item: "Something easier first",
    harder_item: "Something harder",
    prerequisite_item: "Go over the basics",
    switch_item: "A different kind of task",
    why_probe: "Say why it works",
    confirm: "Confirm it",
    encouragement: "Go on",
    break: "A short break",
    choice: "Let me choose",
    teacher_flag: "Ask my teacher",
  } satisfies Record<AdaptationKind, string>,

  measures: {
    brow_lowered: "Brow lowered",
    eyes_squinted: "Eyes narrowed",
    inner_brow_raised: "Inner brow raised",
    outer_brow_raised: "Outer brow raised",
    dimples: "Corners of the mouth drawn in",
    lips_pressed: "Lips pressed together",
    smile: "Smile",
    eyes_closed: "Eyes closed",
    looking_away: "Looking away from the screen",
    nearness: "Nearness to the screen",
    motion: "Movement",
    expression_neutral: "A resting face, as people sort pictures",
    expression_happiness: "A smiling face, as people sort pictures",
    expression_surprise: ANOTHER_FACE,
    expression_sadness: ANOTHER_FACE,
    expression_anger: ANOTHER_FACE,
    expression_disgust: ANOTHER_FACE,
    expression_fear: ANOTHER_FACE,
    expression_contempt: ANOTHER_FACE,
    expression_anxiety: ANOTHER_FACE,
    expression_helplessness: ANOTHER_FACE,
    expression_disappointment: ANOTHER_FACE,
    onset_s: "Time before speaking",
    pause_ratio: "Pauses while speaking",
    f0_slope_st_s: "Melody at the end of the sentence",
    filler_s: "Drawn-out sounds (“um”)",
    rate_hz: "Speed of speaking",
    f0_iqr_st: "Range of the melody",
    duration_s: "Length of what was said",
    voice_anger: ANOTHER_VOICE,
    voice_boredom: ANOTHER_VOICE,
    voice_disgust: ANOTHER_VOICE,
    voice_fear: ANOTHER_VOICE,
    voice_happiness: ANOTHER_VOICE,
    voice_neutral: "An even voice, as people sort recordings",
    voice_sadness: ANOTHER_VOICE,
  } satisfies Record<(typeof COMPARED_MEASURES)[number], string>,
  /** What happened, without a value beside it; `{n}` is the count or the seconds. */
  happened: {
    misses_on_step: { one: "{n} try at this step so far", other: "{n} tries at this step so far" },
    tries_without_mastery: {
      one: "{n} task of this kind so far",
      other: "{n} tasks of this kind so far",
    },
    correct_on_skill: {
      one: "{n} task of this kind solved",
      other: "{n} tasks of this kind solved",
    },
    same_wrong_answer: same("The same answer again"),
    fast_after_error: same("A very quick next try"),
    broken_success_run: same("A stumble after a good run"),
    misses_on_easy_items: same("Stumbles on simpler tasks"),
    rapid_answer: same("A very quick answer"),
    correct_answer: same("Solved"),
    correct_after_miss: same("Solved after another try"),
    correct_but_unsure: same("Solved, with a question mark"),
    hint_after_try: same("A hint after trying"),
    asked_for_the_answer: same("The answer was looked up"),
    idle_gap: { one: "Quiet for {n} second", other: "Quiet for {n} seconds" },
    said_fine: same("You tapped “I’m fine”"),
    said_confused: same("You tapped “Confused”"),
    said_stuck: same("You tapped “Stuck”"),
    said_bored: same("You tapped “Bored”"),
    offer_taken: same("You took an offer"),
    offer_dismissed: same("You waved an offer away"),
    offer_wrong: same("You said that an offer was wrong"),
    says_confused: same("You wrote that something is not clear"),
    says_annoyed: same("Something in the way your message was written"),
    says_bored: same("Something in the way your message was written"),
    means_confused: same("Something in what your message says"),
    means_annoyed: same("Something in what your message says"),
    means_bored: same("Something in what your message says"),
    hedge_on_correct: same("You wrote that you are not sure"),
    all_capitals: same("A message in capitals"),
    question_marks: same("Several question marks"),
  } satisfies Record<(typeof HAPPENED_MEASURES)[number], Plural> & Record<string, Plural>,
  anyMeasure: {
    face: "Something seen by the camera",
    voice: "Something heard by the microphone",
    text: "Something you wrote",
    interaction: "Something in your answers or timing",
    self_report: "What you told us with one tap",
  } satisfies Record<Modality, string>,
  seconds: "{value} s",
  perSecond: "{value} a second",
  semitones: "{value} semitones",

  quality: {
    no_frames: "No picture is arriving from the camera.",
    no_face: "Your face is not in the picture.",
    ambiguous_face: "There are several people in the picture.",
    too_small: "You are quite far away from the camera.",
    too_dark: "It is a bit dark for the camera.",
    too_bright: "There is a lot of light behind you or on the camera.",
    blurred: "The picture is blurred. Perhaps the lens needs a wipe.",
    turned_away: "The camera sees you from the side.",
    no_sound: "No sound is arriving from the microphone.",
    clipped: "The microphone is too loud.",
    too_quiet: "The microphone is very quiet.",
    noisy: "There is a lot of noise around you.",
  } satisfies Record<BadQuality, string>,

  errors: {
    network: "There is no connection at the moment. The lesson goes on.",
    server: "Help at the right moment is not there just now. The lesson goes on.",
    server_full: "Many learners are here just now. It will come back; the lesson goes on.",
    not_signed_in: "You are no longer signed in. Please sign in again.",
    not_allowed: "This may not be used here. The lesson goes on.",
    forbidden_by_law: "Reading a face or a voice is not permitted here. The lesson goes on.",
    course_paused: "Your teacher has paused this. The lesson goes on.",
    off_in_course: "Your teacher has turned this off. The lesson goes on.",
    needs_guardian: "A parent or guardian has to say yes to this first. The lesson goes on.",
    needs_release: "This needs a signed form first. The lesson goes on.",
    profile_expired: "The rules for this have to be checked again first. The lesson goes on.",
    approval_missing: "The study that this is for has no approval here. The lesson goes on.",
    decision_missing: "This is only for medical or safety reasons. The lesson goes on.",
    switched_off: "This has been switched off for now. The lesson goes on.",
    not_consented: "That is not in use, because you did not choose it.",
    bad_token: "This page has been open for long. Please reload it.",
    token_expired: "This page has been open for long. Please reload it.",
    old_text: "The words above have changed. Please look at them again.",
    unknown_session: "This lesson’s session has ended.",
    session_replaced: "The lesson is open in another tab.",
    too_many_sessions: "You have this open in too many tabs. Please close one; the lesson goes on.",
    not_delivered: "That did not arrive. Please try again.",
    too_many_messages: "That was too much at once. Please wait a moment.",
    device_lost: "A camera or microphone was unplugged. The lesson goes on without it.",
    media_failed: "Camera and microphone could not be connected and are off. The lesson goes on.",
    not_your_course: "You do not teach this course.",
    unknown_course: "There is no such course.",
    other: "Something did not work. The lesson goes on.",
  },

  classroom: {
    label: "Live classroom",
    needsYou: "May need you",
    others: "Doing well",
    looking: "Looking for learners …",
    empty: "Nobody is here yet",
    emptyHint: "Learners appear here by themselves when they begin a lesson.",
    nobodyNeeds: "Nobody needs you right now.",
    noMatch: "Nobody matches this filter.",
    showAll: "Show everyone",
    all: "Everyone",
    filter: "Show",
    search: "Find a name",
    schoolClass: "Class",
    allClasses: "All classes",
    unattended: "Only new",
    unattendedHint: "Only learners whom nobody has taken on and you have not marked as seen",
    sound: "Sound",
    soundHint: "A soft tone when somebody new is stuck, at most every 20 seconds",
    changes: { one: "Show {n} change", other: "Show {n} changes" } as Plural,
    reports: "Reports",
    keys: "Arrow keys go from learner to learner, Enter opens what happened, A marks as seen, I takes on.",
    whatHappened: "what happened",
    seen: "Seen",
    seenHint: "Quiet on your page until something changes. Nobody else is told.",
    onItHint: "Your colleagues see that you are with this learner.",
    present: { one: "{n} learner", other: "{n} learners" } as Plural,
    needing: { one: "{n} may need you", other: "{n} may need you" } as Plural,
    paused: "Everything is paused in this course: no sensor is read, no offer is made.",
    live: "Live",
    connecting: "Connecting …",
    waiting: "Connection lost, coming back …",
    closed: "Not connected",
    tryAgain: "Try again",
    onIt: "I’m on it",
    onItBy: "{name} is on it",
    away: "away",
    step: "Step: {step}",
    confidence: {
      low: "a guess",
      medium: "likely",
      high: "very likely",
    } satisfies Record<LearnerRow["confidence"], string>,
    confidenceLabel: "How sure",
    coverage: {
      none: "nothing measured lately",
      part: "measured part of the time",
      most: "measured most of the time",
    },
    last: "Last: {what}",
    outcomes: {
      taken: "taken",
      dismissed: "“I’m fine”",
      ignored: "no answer",
      wrong: "“that was wrong”",
      open: "open",
    } satisfies Record<OutcomeMessage["outcome"] | "open", string>,
    justNow: "just now",
    announce: "{name}: {need}",
    announceMany: { one: "{n} more may need you", other: "{n} more may need you" } as Plural,
  },

  needs: {
    call: "Please go and see them",
    wheelspin: "Going in circles",
    unresolved: "Stuck for a while",
    frustrated: "Hard going",
    struggle: "May be struggling",
    rushing: "Rushing",
    idle: "Quiet",
    fine: "Doing well",
    on_a_roll: "On a roll",
  } satisfies Record<Need, string>,

  adaptations: {
    slow_down: "slower pace",
    speed_up: "faster pace",
    segment: "smaller parts",
    hint: "hint",
    hint_glow: "hint pointed out",
    worked_step: "worked step",
    extra_example: "extra example",
    easier_item: "easier task",
    harder_item: "harder task",
    prerequisite_item: "basics",
    switch_item: "other kind of task",
    why_probe: "“why?” question",
    confirm: "confirmed",
    encouragement: "a kind word",
    break: "break",
    choice: "choice",
    teacher_flag: "call for you",
  } satisfies Record<AdaptationKind, string>,

  /** Why a learner is in the teacher's list; `on` where the reason names a skill. */
  because: {
    misses_on_step: { one: "{n} miss on this step", other: "{n} misses on this step" },
    hints_on_step: { one: "{n} hint on this step", other: "{n} hints on this step" },
    without_mastery: { one: "{n} try without mastery", other: "{n} tries without mastery" },
    idle: same("nothing done"),
    said_so: same("said so with one tap"),
    wrote_so: same("wrote so"),
    without_help: same("no hint asked for"),
    hurried: same("several hurried answers in a row"),
    run: { one: "{n} right in a row", other: "{n} right in a row" },
    signs: same("signs in the work"),
    danger_words: same("wrote something that sounds like danger"),
    trouble_lasts: same("hard going for long, in spite of help"),
    long_on_step: same("long on this step"),
    other: same("signs in the work"),
  } as Record<string, Plural> & { other: Plural },
  on: {
    misses_on_step: { one: "{n} miss on {skill}", other: "{n} misses on {skill}" },
    hints_on_step: { one: "{n} hint on {skill}", other: "{n} hints on {skill}" },
    without_mastery: {
      one: "{n} try at {skill} without mastery",
      other: "{n} tries at {skill} without mastery",
    },
  } as Record<string, Plural>,
  onSkill: "{what} on {skill}",
  forMinutes: "{what}, {minutes}",
};

/** What every language must have; a missing key fails the type check. */
export type Catalogue = Opened<typeof en>;

/** A language may have more plural forms than English has. */
type Opened<T> = {
  [K in keyof T]: T[K] extends Plural ? Plural : T[K] extends object ? Opened<T[K]> : T[K];
};

/** The words of our own lesson's page. */
export const lesson = {
  solvedOf: "{n} of {total} solved",
  solvedLabel: "Steps solved",
  where: "Step {n} of {total} · {skill}",
  steps: "All steps",
  stepNumber: "Step {n}: {title}",
  stepSolved: "Step {n}: {title} (solved)",
  answer: "Your answer",
  how: {
    number: "A number, such as 4 or 0.5",
    fraction: "Write it like 3/4, 1 3/4 or 0.75",
    expression: "Write it like 2x + 3, 3(x + 1) or x^2",
    choice: "",
    several: "Choose all that fit.",
    order: "Put them in order with the arrows, or drag them.",
    text: "",
  },
  readAs: "Read as",
  notYetRead: "Not complete yet",
  moveUp: "Move up: {what}",
  moveDown: "Move down: {what}",
  movedTo: "{what} is now {n} of {total}",
  check: "Check",
  next: "Next step",
  finish: "Finish",
  back: "Back to the question before",
  hint: "Hint",
  moreHint: "Another hint",
  workedAsk: "Show it worked out",
  hintN: "Hint {n}",
  example: "An example",
  worked: "This step, worked out",
  similar: "Now try one like it",
  part: "Go on",
  partN: "Part {n} of {total}",
  wayIn: "A way in:",
  kinds: {
    step: "",
    easier_item: "A smaller one first",
    similar_item: "One like it",
    harder_item: "This one goes a bit further",
    prerequisite_item: "Something it builds on",
  },
  usual: "Show the usual question",
  skipRest: "Skip to what comes next",
  choiceTitle: "How would you like to go on?",
  keep: "Keep at it",
  skip: "Skip this step for now",
  takeHint: "Take a hint",
  breakTitle: "A break",
  breakText:
    "Stand up, look out of the window, drink something. Everything stays as it is until you come back.",
  away: "Away for {n} min",
  resume: "I am back",
  probeTitle: "Why does it work?",
  probeText: "Say it in your own words, if you like. Then compare.",
  compare: "Compare",
  close: "Close",
  write: "Write what is unclear",
  writeLabel: "What is unclear?",
  writeHow: "It is used to choose better help for you, and is not kept.",
  send: "Send",
  sent: "Thank you. It has been passed on.",
  done: "All steps are solved",
  doneForNow: "That is all for now",
  doneText: "You can open any step again, or close the page.",
  home: "To the overview",
  faults: {
    retrying: "No connection just now. Your answer is kept and sent again by itself …",
    network:
      "The answer could not be sent; it is kept here. It goes out as soon as there is a connection.",
    reload: "This page has been open for long. Reload it and go on where you are.",
    not_signed_in: "You are no longer signed in. Reload the page to sign in again.",
    unknown_step:
      "This step has been taken out of the lesson meanwhile. What you wrote is still here; go on with the next one.",
    unknown_variant: "This question has just been changed. Have a look at it as it is now.",
    step_changed:
      "This question has just been changed. Have a look at it as it is now; what you wrote is still here.",
    body_too_large: "This answer is too long. Shorten it, then check it again.",
    too_fast: "That was a lot of answers. Wait a moment, then go on.",
    other: "That did not work. Reload the page and go on where you are.",
  } as Record<string, string>,
};

export type LessonCatalogue = typeof lesson;
