import { describe, expect, it } from '@jest/globals';
import { asS3Error, isAbsent } from './errors.ts';
import { s3Address } from './s3-url.ts';

describe('the URL of an S3 blob store', () => {
  it('says everything a server of one’s own needs', () => {
    expect(
      s3Address('s3://key:se%2Fcret@127.0.0.1:9000/bucket/a/b?region=eu-west-1&tls=false&pathStyle=true'),
    ).toEqual({
      endpoint: 'http://127.0.0.1:9000',
      bucket: 'bucket',
      prefix: 'a/b/',
      region: 'eu-west-1',
      pathStyle: true,
      credentials: { accessKeyId: 'key', secretAccessKey: 'se/cret' },
      where: 'bucket bucket at http://127.0.0.1:9000',
    });
  });

  it('means Amazon with the credentials of its tools when it says no more than the bucket', () => {
    expect(s3Address('s3:///bucket')).toMatchObject({
      endpoint: null,
      prefix: '',
      region: 'us-east-1',
      pathStyle: false,
      credentials: null,
    });
  });

  it.each([
    ['bucket', 'not a URL'],
    ['https://host/bucket', 'scheme is https:'],
    ['s3://host', 'no bucket'],
    ['s3://key@host/bucket', 'only one of key and secret'],
    ['s3://key:hidden@host/bucket?tls=no', 'tls is true or false, not "no"'],
    ['s3://key:hidden@host/bucket?regoin=x', 'unknown parameter regoin'],
    ['s3://key:hid%den@host/bucket', 'percent sign'],
  ])('refuses %s', (url, why) => {
    expect(() => s3Address(url)).toThrow(
      expect.objectContaining({ code: 'BLOB_URL_INVALID', message: expect.stringContaining(why) }),
    );
    expect(() => s3Address(url)).not.toThrow('hid');
  });
});

describe('what an S3 server refuses', () => {
  const answer = (name: string, status: number) => ({
    name,
    message: name,
    $metadata: { httpStatusCode: status },
  });

  it.each([
    [answer('NoSuchBucket', 404), 'BLOB_BUCKET_MISSING'],
    [answer('PermanentRedirect', 301), 'BLOB_REGION_WRONG'],
    [answer('AuthorizationHeaderMalformed', 400), 'BLOB_REGION_WRONG'],
    [answer('SignatureDoesNotMatch', 403), 'BLOB_CREDENTIALS_REFUSED'],
    [answer('AccessDenied', 403), 'BLOB_CREDENTIALS_REFUSED'],
    [answer('XMinioStorageFull', 507), 'BLOB_DISK_FULL'],
    [{ name: 'TimeoutError', message: '' }, 'BLOB_STORE_UNREACHABLE'],
    [{ name: 'Error', code: 'ENOTFOUND', message: '' }, 'BLOB_STORE_UNREACHABLE'],
    [answer('InternalError', 500), 'BLOB_STORE_FAILED'],
    [answer('SlowDown', 503), 'BLOB_STORE_UNREACHABLE'],
    ['a text', 'BLOB_STORE_FAILED'],
    [null, 'BLOB_STORE_FAILED'],
  ])('%j is %s', (error, code) => {
    expect(asS3Error('here', error)).toMatchObject({ code, message: expect.stringContaining('here') });
    expect(isAbsent(error)).toBe(false);
  });

  it.each([answer('NoSuchKey', 404), answer('NotFound', 404)])('%j is no failure', (error) => {
    expect(isAbsent(error)).toBe(true);
  });
});
