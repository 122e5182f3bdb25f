import { base64, bcd, byte, countOf, dword, list, record, sizeOf, text, word } from '@portico/record';
import { alarmFlag } from '../active-safety.js';
import { type MessageRow, message } from './row.js';

const string = text('rest');
const server = {
  ip_len: sizeOf('ip', string, byte),
  ip: text('ip_len'),
  tcp_port: word,
  udp_port: word,
};
/** Times are YYMMDDhhmmss; `alarm` is 64 bits in hexadecimal. */
const recorded = {
  channel: byte,
  start_time: bcd(6),
  end_time: bcd(6),
  alarm: bcd(8),
  media_type: byte,
  stream_type: byte,
  storage_type: byte,
};

/** Signalling of video (JT/T 1078-2016 §5), and of the attachments of alarms (T/JSATL 12-2017 §4.5). */
export const VIDEO_MESSAGES: readonly MessageRow[] = [
  message(0x9003, 'down', 'query for audio and video properties', 'JT/T 1078-2016 §5.4'),
  message(0x1003, 'up', 'audio and video properties', 'JT/T 1078-2016 §5.4', {
    audio_codec: byte,
    audio_channels: byte,
    audio_sample_rate: byte,
    audio_sample_bits: byte,
    audio_frame_length: word,
    audio_output: byte,
    video_codec: byte,
    max_audio_channels: byte,
    max_video_channels: byte,
  }),
  message(0x1005, 'up', 'passenger flow', 'JT/T 1078-2016 §5.4', {
    start_time: bcd(6),
    end_time: bcd(6),
    boarded: word,
    alighted: word,
  }),
  message(0x9101, 'down', 'start live audio and video', 'JT/T 1078-2016 §5.5', {
    ...server,
    channel: byte,
    data_type: byte,
    stream_type: byte,
  }),
  message(0x9102, 'down', 'control live audio and video', 'JT/T 1078-2016 §5.5', {
    channel: byte,
    command: byte,
    close_type: byte,
    stream_type: byte,
  }),
  message(0x9105, 'down', 'state of live audio and video', 'JT/T 1078-2016 §5.5', {
    channel: byte,
    packet_loss: byte,
  }),
  message(0x9201, 'down', 'play recorded video', 'JT/T 1078-2016 §5.6', {
    ...server,
    channel: byte,
    media_type: byte,
    stream_type: byte,
    storage_type: byte,
    playback: byte,
    speed: byte,
    start_time: bcd(6),
    end_time: bcd(6),
  }),
  message(0x9202, 'down', 'control recorded video', 'JT/T 1078-2016 §5.6', {
    channel: byte,
    command: byte,
    speed: byte,
    time: bcd(6),
  }),
  message(0x9205, 'down', 'query for recorded files', 'JT/T 1078-2016 §5.6', recorded),
  message(0x1205, 'up', 'recorded files', 'JT/T 1078-2016 §5.6', {
    seq: word,
    length: countOf('files', dword),
    files: list(record({ ...recorded, size: dword }), 'length'),
  }),
  message(0x9206, 'down', 'upload files', 'JT/T 1078-2016 §5.6', {
    ip_len: sizeOf('ip', string, byte),
    ip: text('ip_len'),
    port: word,
    user_len: sizeOf('user', string, byte),
    user: text('user_len'),
    password_len: sizeOf('password', string, byte),
    password: text('password_len'),
    path_len: sizeOf('path', string, byte),
    path: text('path_len'),
    ...recorded,
    condition: byte,
  }),
  message(0x1206, 'up', 'files uploaded', 'JT/T 1078-2016 §5.6', { seq: word, result: byte }),
  message(0x9207, 'down', 'control upload of files', 'JT/T 1078-2016 §5.6', { seq: word, command: byte }),
  message(0x9208, 'down', 'upload attachments of an alarm', 'T/JSATL 12-2017 §4.5', {
    ...server,
    alarm_flag: alarmFlag,
    alarm_number: text(32),
    reserved: base64(16),
  }),
];
