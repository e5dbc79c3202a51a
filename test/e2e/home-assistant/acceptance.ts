/** A file of the tests, and the sentence in it that proves a promise. */
export interface Proof {
  readonly file: string;
  readonly title: string;
}

/** What a household may rely on: where it is tried on the fake house, and where on a real one. */
export interface Promised {
  readonly promise: string;
  readonly fake: readonly Proof[];
  readonly real: readonly Proof[];
}

const E2E = 'test/e2e/home-assistant';
const REAL = 'test/home-assistant';
const SERVER = 'src/home-assistant-server';

const by = (file: string, ...titles: string[]): Proof[] => titles.map((title) => ({ file: `${file}.spec.ts`, title }));

export const PROMISES: readonly Promised[] = [
  {
    promise: 'the three calls of a newcomer work, and a demo is told to be one',
    fake: [
      ...by('test/e2e/documented-examples', 'has five lights and twenty-three entities, and says that it is a demo'),
      ...by('test/e2e/home-assistant', 'is told to be a demo by its answers, its health and its status'),
      ...by(`${SERVER}/main`, "makes the three calls of a newcomer's first minute, every answer marked as a demo"),
      ...by(`${SERVER}/main`, 'with %j alone it runs and says what is missing'),
    ],
    real: by(`${REAL}/reads`, "answers a newcomer's three calls, and nothing in it is called a demo"),
  },
  {
    promise: 'a lamp switched through one child is on through all; a demo house that is killed is back within 2 s',
    fake: [
      ...by(`${SERVER}/main`, 'shows a lamp as lit through every child at once'),
      ...by(
        `${E2E}/timings`,
        'a demo house that was killed is back within 2 s, its children with it, and calls meanwhile say ha_unreachable',
      ),
    ],
    real: [],
  },
  {
    promise: 'eight tools in under 8 kB within 500 ms of the spawn; each failure has its code; the token is told nowhere',
    fake: [
      ...by(`${SERVER}/main`, 'lists eight tools in under 8 kB without a house, and leaves with 0 when its input ends'),
      ...by(`${E2E}/timings`, 'tools are listed within 500 ms of the spawn, without a house in reach'),
      ...by(`${E2E}/failures`, 'Every failure of the server ends in its status and code'),
      ...by(`${E2E}/failures`, 'tells the token in no answer, no line of the log and no text of the health page'),
      ...by(`${E2E}/away`, 'is in no answer, no health text, no metric and no status'),
    ],
    real: [],
  },
  {
    promise: 'twenty toggles from four children are twenty, in order, none overlapping; without locks some overlap',
    fake: [
      ...by(
        `${E2E}/locks`,
        'leaves exactly twenty entries of twenty toggles from four children, none overlapping, in the order of arrival',
      ),
      ...by(`${E2E}/locks`, 'the same twenty toggles overlap', 'takes the same locks for %j and %j'),
    ],
    real: [
      ...by(`${REAL}/locks`, 'makes twenty changes of twenty toggles sent at once, one after another, and leaves the lamp as it was'),
      ...by(`${REAL}/locks`, 'twenty toggles sent at once are answered with success and make fewer changes'),
      ...by(`${REAL}/locks`, 'takes one lock for one lamp, however its id is spelled'),
    ],
  },
  {
    promise: 'scenes, groups and areas lock what they touch, no more; what nobody knows locks more',
    fake: [
      ...by(`${E2E}/locks`, 'lets %s follow one another', 'lets %s run at the same time'),
      ...by(`${E2E}/locks`, 'lets a light in an area that nobody knows wait for every light, and send nothing'),
      ...by(`${E2E}/locks`, 'a lamp waits for every light, and a scene for everything'),
    ],
    real: [
      ...by(`${REAL}/locks`, 'lets %s follow one another', 'lets two lamps, a plug and a notification run at the same time'),
      ...by(`${REAL}/locks`, 'lets a light in an area that nobody knows wait for every light, and sends nothing'),
    ],
  },
  {
    promise: 'a write that is slow, lost or never sent is told as what it is, and done at most once',
    fake: [
      ...by(
        `${E2E}/outcomes`,
        'answers a write slower than its time with 504 and outcome unknown, once in the journal, its child alive, the next write after it',
        'answers a write whose answer is lost with 502 and does not repeat it',
        'repeats a write that was never sent, and does it once',
        'repeats a read that was lost, and answers it',
      ),
    ],
    real: [
      ...by(
        `${REAL}/writes`,
        'that is slower than its caller is told running and unknown, is done once, and holds its lamp until it is answered',
        'whose answer is lost is told unknown and never repeated',
        'is never lost, but a read whose answer is lost is asked again',
      ),
    ],
  },
  {
    promise: 'what does not exist is named with near names and nothing is sent; people may write as they write',
    fake: [
      ...by(`${E2E}/outcomes`, 'finds no entity for %s, names near ones, sends nothing'),
      ...by(`${E2E}/outcomes`, 'takes numbers, booleans and objects as text, rooms in any spelling, and no domain for all of them'),
    ],
    real: by(`${REAL}/writes`, 'to %s is not sent, and near names are told', 'with %s is understood'),
  },
  {
    promise: 'a read after a write shows it, through any child; what changes in the house is seen within moments',
    fake: [
      ...by(`${E2E}/freshness`, 'is the state after a write, through any child, never the cached one'),
      ...by(`${E2E}/freshness`, 'is a change made in the house, within moments, although the answer would be kept for longer'),
      ...by(`${E2E}/freshness`, 'is not taken for fresh while nobody tells of changes, and not missed when somebody does again'),
    ],
    real: [
      ...by(`${REAL}/reads`, 'shows a write to every reader at once, through whichever child, never the cached state'),
      ...by(`${REAL}/reads`, 'sees what somebody else changed in the house long before the cache would have aged'),
      ...by(`${REAL}/reads`, 'takes nothing of its cache for fresh when the children that told of changes have died'),
      ...by(`${REAL}/reads`, "keeps the cached sensors when a light changes, and drops the lights'"),
    ],
  },
  {
    promise: 'while the house is away, old lists are told as old and everything else why not; then it is found again',
    fake: [
      ...by(`${E2E}/away`, 'gives the last list with its age, then the empty one with its notice, and 503 with the reason for all else'),
      ...by(`${E2E}/away`, 'says that it starts until it runs, and comes back with fresh answers, also when a subscription is refused'),
    ],
    real: [],
  },
  {
    promise: 'a token that was revoked costs one login a child, and a plain user none',
    fake: [
      ...by(`${E2E}/away`, 'costs one login a child, no fallback, no further child; health names the cause'),
      ...by(`${E2E}/away`, 'is not what a plain user has: asking for an automation causes no failed login'),
      ...by(`${SERVER}/house-connection`, 'logs in once more with a revoked token, never in the next minutes'),
    ],
    real: [],
  },
  {
    promise: 'what hangs is found within 20 s, a large house is paged, health takes 50 ms at most, an end of input 2 s',
    fake: [
      ...by(`${SERVER}/house-connection`, 'takes twenty seconds, and no more, to find a connection that hangs, and says that it is down'),
      ...by(`${E2E}/away`, 'leads, with 5,000 entities, through pages of less than a megabyte to every entity exactly once'),
      ...by(`${E2E}/away`, 'costs the connection, not the child, with a frame of 70 MiB'),
      ...by(`${E2E}/away`, 'speaks in arrays, of events and fields of a later version, and nothing changes'),
      ...by(`${E2E}/timings`, 'the health resource answers in less than 50 ms while ten calls hang'),
      ...by(`${E2E}/timings`, 'a server whose input ends is gone within 2 s with 0, also when its house hangs, and leaves no connection'),
    ],
    real: [],
  },
  {
    promise: 'history is what was asked for; a repeated request makes one automation; switching one sets it',
    fake: [
      ...by(`${E2E}/outcomes`, 'asks for the 48 hours it was told, in path and end, and names the entity in every row'),
      ...by(`${E2E}/outcomes`, 'makes one automation of a request id, and of an id, however often it is sent'),
      ...by(`${E2E}/outcomes`, "gives Home Assistant's own words for a trigger it does not know, and YAML where nothing can be written"),
      ...by(`${E2E}/outcomes`, 'sets an automation by its entity id, its short id and the id of its configuration'),
      ...by(`${SERVER}/tools/reads`, 'merges equal neighbours and keeps the newest rows in the order of time'),
    ],
    real: [
      ...by(
        `${REAL}/reads`,
        'gives the history of 48 hours, the ids restored, in the order of time',
        'gives an empty history where there is none',
      ),
      ...by(`${REAL}/automations`, 'get one that the list shows, and only one when the request is repeated'),
      ...by(`${REAL}/automations`, "are refused in Home Assistant's own words", 'are set, not flipped, under the name %s'),
    ],
  },
  {
    promise: 'the bridge and a real house keep the same books, and the fake speaks like either version',
    fake: by('test/contract/home-assistant-protocol', 'The protocol of Home Assistant, $name'),
    real: [
      ...by(`${REAL}/audit`, "The bridge's audit and Home Assistant's logbook"),
      ...by('test/contract/home-assistant-protocol', 'The protocol of Home Assistant, $name'),
    ],
  },
];
