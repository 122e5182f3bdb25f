import { CLIENT_LETTERS, placeholderError } from '../topics/placeholders.js';
import { topicFilterError, topicNameError } from '../topics/topic.js';
import { checkedText } from './checked-text.js';

/**
 * A topic to publish to, with placeholders.
 * @param letters the placeholders that it may have, see `fillTopic`
 */
export function topicNameTemplate(letters = CLIENT_LETTERS) {
  return template(letters, topicNameError);
}

/** A topic filter to subscribe to, with placeholders. */
export function topicFilterTemplate(letters = CLIENT_LETTERS) {
  return template(letters, topicFilterError);
}

/** A prefix for all topics of a client, with placeholders; empty for none. */
export function mountpointTemplate(letters = CLIENT_LETTERS) {
  return template(letters, (text) => (text === '' ? undefined : topicNameError(text)));
}

function template(letters: string, topicError: (text: string) => string | undefined) {
  return checkedText((text) => placeholderError(text, letters) ?? topicError(text));
}
