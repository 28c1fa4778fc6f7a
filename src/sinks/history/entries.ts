/** What a commit leaves to remember, on its way to the writer: plain values, so that another thread may write them. */
import type { Resource } from '../../model/resource.ts';

/** The names of a resource, from which its id follows. */
export type Named = Pick<Resource, 'id' | 'cluster' | 'group' | 'kind' | 'pseudo' | 'namespace' | 'name' | 'uid'>;

export type Entry =
  /** What follows was observed at this time, in microseconds since 1970; nothing stands before the first. */
  | { readonly type: 'moment'; readonly at: number }
  /** A resource exists and was observed to be this; at most one a resource and moment. */
  | { readonly type: 'version'; readonly of: Named; readonly text: string }
  /** A resource exists that has no content of its own. */
  | { readonly type: 'begin'; readonly of: Named }
  | { readonly type: 'end'; readonly id: string }
  | { readonly type: 'link' | 'unlink'; readonly edge: string; readonly from: string; readonly to: string }
  /** A change of type `observe`, as JSON. */
  | { readonly type: 'observe'; readonly text: string }
  /** A dead letter as JSON, which takes the place of one of that id; without a text, that there is none any more. */
  | { readonly type: 'letter'; readonly id: string; readonly text: string | undefined };
