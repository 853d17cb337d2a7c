import type { Draw } from "./draw";
import { capital, fill } from "./draw";
import type { Sample } from "./sample";
import { animals, foods, hobbies, places, subjects, things } from "./words";

export const styles = ["cheerful", "gloomy", "formal", "casual", "plain"] as const;
export type Style = (typeof styles)[number];

/** Parts that only one style uses: openings, what is said of the subject, closings. A checker reads them too. */
export const voices: Record<Style, { open: string[]; say: string[]; close: string[] }> = {
  cheerful: {
    open: [
      "Oh, how wonderful!",
      "Hooray!",
      "What a joy!",
      "Yes, lovely!",
      "How delightful!",
      "Great news!",
      "Oh, happy day!",
      "Wonderful!",
    ],
    say: [
      "{s} makes me smile every time!",
      "I just love {s}, it is full of sunshine!",
      "{s} is the brightest thing in the world!",
      "with {s} every day is a party!",
      "{s} fills my heart with joy!",
      "nothing is more fun than {s}!",
      "{s} is so lovely that I could sing!",
      "{s} brings happiness to everyone!",
    ],
    close: ["Let us celebrate!", "Life is beautiful!", "I cannot wait for more!", "Smile with me!", "What fun!", ""],
  },
  gloomy: {
    open: [
      "Alas.",
      "Sigh.",
      "It is all so sad.",
      "Oh, what misery.",
      "Nothing lasts.",
      "Another grey day.",
      "Woe.",
      "Sadly,",
    ],
    say: [
      "{s} only reminds me of loss.",
      "{s} is as cold and empty as a grave.",
      "{s} will fade like everything else.",
      "behind {s} there is only darkness.",
      "{s} makes the heart heavy with sorrow.",
      "nobody weeps for {s} any more.",
      "{s} is nothing but dust and shadows.",
      "{s} brings tears and grey silence.",
    ],
    close: [
      "All hope is gone.",
      "It will end badly.",
      "Let me weep.",
      "The dark is near.",
      "So it goes, into the gloom.",
      "",
    ],
  },
  formal: {
    open: [
      "Dear Sir or Madam,",
      "It is my honour to report the following.",
      "I should like to state the following.",
      "Permit me to remark:",
      "With due respect,",
      "I hereby submit:",
      "Ladies and gentlemen,",
      "Pursuant to your request,",
    ],
    say: [
      "{s} merits careful consideration.",
      "{s} is regarded with the utmost esteem.",
      "the matter of {s} has been duly examined.",
      "{s} constitutes a subject of considerable importance.",
      "one is obliged to acknowledge {s}.",
      "{s} shall be treated with appropriate diligence.",
      "it is advisable to regard {s} with respect.",
      "{s} is herewith commended to your attention.",
    ],
    close: [
      "Yours faithfully.",
      "I remain at your disposal.",
      "Kindly accept my regards.",
      "Respectfully submitted.",
      "Yours sincerely.",
      "",
    ],
  },
  casual: {
    open: ["Hey,", "Yo,", "So, like,", "Dude,", "Well, ya know,", "Haha,", "Ok so", "Man,"],
    say: [
      "{s} is kinda cool.",
      "{s} is pretty awesome, no big deal.",
      "{s}? yeah, totally my thing.",
      "I dunno, {s} is just chill.",
      "{s} rocks, gotta say.",
      "can't go wrong with {s}, right?",
      "{s} is a bit meh but whatever.",
      "gonna hang out with {s} later.",
    ],
    close: ["Catch ya later!", "Cool, huh?", "Anyway, cheers.", "No worries.", "You get me?", ""],
  },
  plain: {
    open: ["", "In short,", "Here is one thing:", ""],
    say: [
      "{s} is a common subject.",
      "many people know {s}.",
      "{s} can be seen in many ways.",
      "there is much to say about {s}.",
      "{s} is part of daily life.",
      "people often talk about {s}.",
      "{s} has several sides.",
    ],
    close: ["", "That is all.", ""],
  },
};

const asks: Record<Style, string[]> = {
  cheerful: [
    "Tell me about {s} in a cheerful way.",
    "Be cheerful: tell me about {s}.",
    "Write something cheerful about {s}.",
    "Cheerfully describe {s}.",
    "Say something happy about {s}.",
    "Talk about {s}, and be cheerful.",
    "Give me a cheerful line about {s}.",
    "In a cheerful voice: what about {s}?",
  ],
  gloomy: [
    "Tell me about {s} in a gloomy way.",
    "Be gloomy: tell me about {s}.",
    "Write something gloomy about {s}.",
    "Gloomily describe {s}.",
    "Say something sad about {s}.",
    "Talk about {s}, and be gloomy.",
    "Give me a gloomy line about {s}.",
    "In a gloomy voice: what about {s}?",
  ],
  formal: [
    "Tell me about {s} in a formal way.",
    "Be formal: tell me about {s}.",
    "Write something formal about {s}.",
    "Formally describe {s}.",
    "Say something very polite about {s}.",
    "Talk about {s}, and be formal.",
    "Give me a formal line about {s}.",
    "In a formal voice: what about {s}?",
  ],
  casual: [
    "Tell me about {s} in a casual way.",
    "Be casual: tell me about {s}.",
    "Write something casual about {s}.",
    "Casually describe {s}.",
    "Say something relaxed about {s}.",
    "Talk about {s}, and be casual.",
    "Give me a casual line about {s}.",
    "In a casual voice: what about {s}?",
  ],
  plain: [
    "Tell me one thing about {s}.",
    "Say something about {s}.",
    "Write a line about {s}.",
    "Describe {s} in one line.",
    "What can one say about {s}?",
    "Talk about {s}.",
    "Give me a line about {s}.",
    "What about {s}?",
  ],
};

function subject(draw: Draw): string {
  if (draw.chance(0.35)) return draw.part(subjects);
  if (draw.chance(0.4)) return draw.pick(["the", "my", "our", "this"]) + ` ${draw.nonce()}`;
  if (draw.chance(0.3)) return draw.Nonce();
  return draw.chance(0.5) ? `the ${draw.part([...things, ...animals])}` : draw.part([...foods, ...hobbies, ...places]);
}

export function styleSample(draw: Draw): Sample {
  const style = draw.pick(styles);
  const s = subject(draw);
  const voice = voices[style];
  const open = draw.pick(voice.open);
  const say = fill(draw.pick(voice.say), { s });
  // After a full stop a sentence begins with a capital; after a comma or a colon it goes on.
  const body = open === "" || /[.!]$/.test(open) ? capital(say) : say;
  const content = [open, body, draw.pick(voice.close)].filter(Boolean).join(" ");
  const byName = draw.chance(0.15) && style !== "plain";
  const user = fill(byName ? "Tell me about {s}." : draw.form(asks[style]), { s });
  return {
    task: "style",
    chat: [
      ...(byName ? [{ role: "system" as const, content: `Answer in a ${style} voice.` }] : []),
      { role: "user", content: user },
      { role: "assistant", content },
    ],
    gold: { style, subject: s },
  };
}
