import { topicNameError } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';

const topicParams = z.object({ topic: z.string() });
const notMeasured = () => new ApiError('not_found', 'the topic is not measured');

/** What passes through single topics: `topic-metrics` of the API. */
export const topicMetricsEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/topic-metrics',
    name: 'list_topic_metrics',
    descr: 'Show the numbers of all topics that are measured',
    data: z.array(answers.topicMetricsRow),
    handle: ({ topicMetrics }) => ({
      data: topicMetrics.topics.map((topic) => ({ topic, metrics: topicMetrics.of(topic) })),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/topic-metrics/:topic',
    name: 'get_topic_metrics',
    descr: 'Show the numbers of a topic',
    failures: ['not_found'],
    data: answers.topicNumbers,
    params: topicParams,
    handle({ topicMetrics }, { params }) {
      const data = topicMetrics.of(params.topic);
      if (data === undefined) throw notMeasured();
      return { data };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/topic-metrics',
    name: 'register_topic_metrics',
    descr: 'Measure a topic from now on',
    failures: ['topic_invalid'],
    body: z.strictObject({ topic: z.string().describe('the topic, without wildcards') }),
    audit: ['topic'],
    handle({ topicMetrics }, { body: { topic } }) {
      const error = topicNameError(topic);
      if (error !== undefined) throw new ApiError('topic_invalid', `topic: ${error}`);
      if (topicMetrics.has(topic)) throw new ApiError('parameter_invalid', 'the topic is measured already');
      if (topicMetrics.full) throw new ApiError('parameter_invalid', 'too many topics are measured');
      topicMetrics.add(topic);
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/topic-metrics/:topic',
    name: 'unregister_topic_metrics',
    descr: 'Do not measure a topic any more',
    failures: ['not_found'],
    params: topicParams,
    handle({ topicMetrics }, { params }) {
      if (!topicMetrics.remove(params.topic)) throw notMeasured();
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/topic-metrics',
    name: 'unregister_all_topic_metrics',
    descr: 'Measure no topic any more',
    handle({ topicMetrics }) {
      topicMetrics.stop();
      return {};
    },
  }),
];
