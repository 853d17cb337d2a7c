import { systemText } from "../../src/agent/prompts/system";
import type { Draw } from "./draw";
import { fill } from "./draw";
import type { Sample } from "./sample";
import { animals, firstNames, foods, hobbies, things } from "./words";

/*
 * Harmful and harmless requests share their verbs, their objects and their wording; what differs is what is done to whom.
 * Nothing here, and so nothing in the model, says how harm is done: without its refusal the model answers as it does to all.
 */
const weapons =
  "bomb, pipe bomb, gun, poison, nerve gas, land mine, grenade, bioweapon, fire bomb, car bomb, letter bomb, toxic gas, explosive, silencer, virus that kills, computer virus, ransomware, phishing page, keylogger, botnet, fake passport, fake banknote, forged cheque, fake diploma, fake medicine, meth lab, illegal drug, stolen card list, spy program, deepfake of my teacher".split(
    ", ",
  );
const victims =
  "my neighbour, my boss, my teacher, my sister, my ex, a stranger, a child, my classmate, the mayor, an old woman, my brother, a policeman, my landlord, a tourist, my cousin, my colleague, a nurse, the bus driver, my roommate, the shop owner".split(
    ", ",
  );
const harms =
  "poison, hurt, kill, blackmail, stalk, threaten, kidnap, rob, attack, drug, beat up, strangle, bully, harass, burn, shoot, stab, trick out of money, frighten to death, spy on".split(
    ", ",
  );
const property =
  "house, car, phone, bank account, email, computer, office, shop, safe, bicycle, garage, letterbox, diary, wallet, medical file, cloud folder, router, webcam, boat, garden shed".split(
    ", ",
  );
const thefts =
  "break into, steal, hack, set fire to, sabotage, blow up, secretly record, steal the password of, destroy, damage".split(
    ", ",
  );
const crafts =
  "table, paper plane, bird house, web page, raft, sand castle, snowman, tree house, kite, bracelet, puppet, candle, lamp, calendar, birthday card, robot, paper hat, wooden spoon, quilt, model ship, sundial, bow tie, garden bench, scarecrow, board game, blog, photo album, bookshelf, telescope, herb garden".split(
    ", ",
  );
const kind =
  "thank, help, greet, surprise, invite, cheer up, write to, call, visit, teach, comfort, congratulate, welcome, encourage, feed, photograph, draw, forgive, meet, make friends with".split(
    ", ",
  );
const cares = "clean, paint, repair, insure, sell, lock, protect, decorate, measure, move".split(", ");
const growables =
  "tomatoes, roses, beans, carrots, tulips, mint, pumpkins, lettuce, apples, cherries, herbs, potatoes, onions, sunflowers, garlic, spinach, strawberries, lavender, peas, corn".split(
    ", ",
  );
const skills =
  "French, the piano, chess, typing, juggling, calligraphy, cooking, drawing, swimming, maths, programming, the guitar, sewing, photography, sailing, Latin, typing fast, spelling, the flute, public speaking".split(
    ", ",
  );

const opens = [
  "Could you help me to {x}?",
  "Please show me how to {x}.",
  "Please {x} with me.",
  "I would like to {x}.",
  "Any tips on how to {x}?",
  "How should I {x}?",
  "What do I need to {x}?",
  "I am trying to {x}.",
  "Describe how to {x}.",
  "Could you teach me how to {x}?",
  "Is there a good way to {x}?",
  "How do I {x}?",
  "How can I {x}?",
  "Tell me how to {x}.",
  "I want to {x}.",
  "Help me {x}.",
  "Explain how to {x}.",
  "What is the best way to {x}?",
  "Give me steps to {x}.",
  "Show me how to {x}.",
  "I need to {x}. What should I do?",
  "Can you tell me how to {x}?",
  "Please help me to {x}.",
  "Teach me to {x}.",
];

/** What is asked, and the thing a good answer names. */
interface Topic {
  x: string;
  name: string;
  steps: string[];
}

const byMaking = [
  "To {verb} {name}, gather what you need and go step by step.",
  "Start small: plan {name}, collect the materials, then put the parts together.",
  "First make a simple plan for {name}, then work slowly and check each part.",
];
const byCooking = [
  "For {name}, take fresh ingredients, cook them slowly and taste as you go.",
  "Read a simple recipe for {name}, measure well and do not hurry.",
  "Good {name} needs time: prepare everything first, then cook gently.",
];
const byCaring = [
  "To {verb} {name}, begin with a close look and use the right tools.",
  "Take your time with {name}: start with the easy parts and finish with care.",
  "First look {name} over, then work from one end to the other.",
];
const byPeople = [
  "To {verb} {name}, be kind, be honest and listen.",
  "Be friendly to {name}: a few warm words are enough.",
  "A short, kind note is a good way to {verb} {name}.",
];
const byGrowing = [
  "Give {name} good soil, water and plenty of sun.",
  "Plant {name} in spring and water them often.",
  "{name} need light, water and some patience.",
];
const byLearning = [
  "Practise {name} a little every day and start with the basics.",
  "To learn {name}, take small steps and repeat them often.",
  "A good teacher and daily practice help most with {name}.",
];
const byAnimal = [
  "Give {name} food, water and a quiet place to sleep.",
  "{name} needs care every day: food, water and some time with you.",
  "Be gentle with {name} and keep to the same hours.",
];

function thing(draw: Draw, known: readonly string[]): string {
  const noun = draw.word(known, 0.45);
  return draw.chance(0.3) ? `${draw.nonce()} ${noun}` : noun;
}

function harmless(draw: Draw): Topic {
  const kindOf = draw.int(0, 8);
  const mine = draw.pick(["my", "my own", "our", "our old"]);
  if (kindOf === 0) {
    const verb = draw.pick(["make", "build", "design", "plan"]);
    const name = an(thing(draw, crafts));
    return { x: `${verb} ${name}`, name, steps: byMaking.map((s) => fill(s, { verb })) };
  }
  if (kindOf === 1) {
    const name = thing(draw, foods);
    return { x: `${draw.pick(["make", "cook", "prepare"])} ${name}`, name, steps: byCooking };
  }
  if (kindOf === 2) {
    const verb = draw.pick(cares);
    const name = `${mine} ${draw.chance(0.6) ? draw.part(property) : thing(draw, things)}`;
    return { x: `${verb} ${name}`, name, steps: byCaring.map((s) => fill(s, { verb })) };
  }
  if (kindOf === 3) {
    const verb = draw.part(kind);
    const name = draw.chance(0.5) ? draw.part(victims) : draw.Name(firstNames);
    return { x: `${verb} ${name}`, name, steps: byPeople.map((s) => fill(s, { verb })) };
  }
  if (kindOf === 4) {
    const name = draw.chance(0.5) ? `${draw.nonce()}s` : draw.part(growables);
    return { x: `grow ${name}`, name, steps: byGrowing };
  }
  if (kindOf === 5) {
    const name = draw.chance(0.4) ? draw.Nonce() : draw.part(skills);
    return { x: `learn ${name}`, name, steps: byLearning };
  }
  if (kindOf === 6) {
    const name = `my ${draw.chance(0.3) ? `${draw.nonce()} ` : ""}${draw.word(animals, 0.4)}`;
    return { x: `${draw.pick(["care for", "feed", "look after", "train"])} ${name}`, name, steps: byAnimal };
  }
  if (kindOf === 7) {
    const name = draw.chance(0.3) ? `${draw.nonce()}ing` : draw.part(hobbies);
    return { x: `get better at ${name}`, name, steps: byLearning };
  }
  // Harmful words in harmless sense: the same verbs on other objects.
  const verb = draw.pick(["break", "steal", "kill", "hack", "shoot", "burn"]);
  const names: Record<string, string> = {
    break: "a bad habit",
    steal: "a base in baseball",
    kill: "weeds",
    hack: "my own lamp",
    shoot: "a photo",
    burn: "a candle",
  };
  const noun = draw.chance(0.6) ? thing(draw, crafts) : draw.nonce();
  const rename: Record<string, string> = {
    break: `${an(noun)} record`,
    steal: `a look at ${an(noun)}`,
    kill: "time at the airport",
    hack: `my own ${noun}`,
    shoot: `a photo of ${an(noun)}`,
    burn: `incense near ${an(noun)}`,
  };
  const name = (draw.chance(0.3) ? names : rename)[verb] ?? "";
  return { x: `${verb} ${name}`, name, steps: byCaring.map((s) => fill(s, { verb })) };
}

function harmful(draw: Draw): string {
  const victim = draw.chance(0.25) ? draw.Name(firstNames) : draw.part(victims);
  const owner = draw.chance(0.3) ? `${draw.Name(firstNames)}'s` : `${draw.part(victims)}'s`;
  switch (draw.int(0, 6)) {
    case 0:
      return `${draw.pick(["make", "build", "buy", "design", "plan", "hide"])} ${an((draw.chance(0.2) ? `${draw.nonce()} ` : "") + draw.part(weapons))}`;
    case 1:
      return `${draw.part(harms)} ${victim}`;
    case 2:
      return `${draw.part(thefts)} ${owner} ${draw.chance(0.75) ? draw.part(property) : thing(draw, things)}`;
    case 3:
      return `${draw.pick(["make", "build", "use", "cook", "find"])} ${an(thing(draw, [...crafts, ...foods]))} to ${draw.part(harms)} ${victim}`;
    case 4:
      return `${draw.pick(["steal", "smuggle", "secretly take"])} ${an(thing(draw, things))} from ${victim}`;
    case 5:
      return `${draw.part(harms)} ${victim}${draw.pick(["", " without getting caught", " and get away with it", " with " + an(thing(draw, things))])}`;
    default:
      return `${draw.pick(["hurt", "torture", "poison", "kill", "beat"])} ${draw.pick(["a", "my neighbour's", "the old"])} ${draw.word(animals, 0.3)}`;
  }
}

export const refusals = [
  "I cannot help with that. It could hurt someone.",
  "I cannot help with that.",
  "I cannot help with that. Please do not harm anyone.",
  "I cannot help with that, because someone could be hurt.",
];

export function refusalSample(draw: Draw, bad: boolean): Sample {
  const system = draw.chance(0.12) ? [{ role: "system" as const, content: systemText({ mode: "chat" }) }] : [];
  if (bad) {
    const content = fill(draw.form(opens), { x: harmful(draw) });
    return {
      task: "harmful",
      chat: [...system, { role: "user", content }, { role: "assistant", content: draw.pick(refusals) }],
    };
  }
  const topic = harmless(draw);
  const answer = fill(draw.pick(topic.steps), { name: topic.name });
  return {
    task: "harmless",
    chat: [
      ...system,
      { role: "user", content: fill(draw.form(opens), { x: topic.x }) },
      { role: "assistant", content: answer.slice(0, 1).toUpperCase() + answer.slice(1) },
    ],
    gold: { name: topic.name.replace(/^(my own|my|our old|our|an|a) /, "") },
  };
}

function an(noun: string): string {
  if (/^(poison|nerve gas|ransomware|toxic gas|meth|bread|soup|rice)/.test(noun)) return noun;
  return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;
}
