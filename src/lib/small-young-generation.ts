/**
 * Keeps V8's young generation as small as it is when this module runs: import it before everything else. V8 would let it grow to 134 MB
 * while a cluster is listed and give none of it back; listing is no slower without, for nearly all that is listed is kept or dropped at once.
 * The flag is read at every growth, so it may be set in a running process, where no command line can be given.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');
