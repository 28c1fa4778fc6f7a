/** References to images in OpenShift's own kinds: tags and images of a stream are shown as the stream, all others as images. */
import type { Outcome, Relation } from '../kind.ts';
import { namespaced } from '../refs.ts';
import { relation, textAt } from '../relations.ts';

export const ImageStream = namespaced('image.openshift.io', 'ImageStream');

/** `{kind: ImageStreamTag | ImageStreamImage | DockerImage, name, namespace?}`; a tag without a stream's name is one of the own stream. */
export function imageFrom(edge: string, path: string): Relation {
  return relation(
    edge,
    path,
    'ImageStream, or Image (pseudo)',
    { note: 'ImageStreamTag stream:tag and ImageStreamImage stream@digest are the stream' },
    ({ value, namespace: own, name: self }): Outcome | undefined => {
      const name = textAt(value, 'name');
      const kindName = textAt(value, 'kind');
      if (name === undefined) return undefined;
      if (kindName === 'DockerImage') {
        return { target: { by: 'pseudo', kind: 'Image', namespace: '', name }, suffix: '.name' };
      }
      const [, stream = '', tag] = /^([^:@]*)[:@]?(.*)$/.exec(name) ?? [];
      const bare = kindName === 'ImageStreamTag' && tag === '';
      const { group, kind } = ImageStream;
      const namespace = textAt(value, 'namespace') ?? own;
      const target = { by: 'name', group, kind, namespace, name: bare ? self : stream } as const;
      return { target, suffix: '.name', ...(tag && { attributes: { tag } }) };
    },
  );
}
