/** Artifacts as the server tells of them; mirrors `runfolio/server/artifacts.py` and `artifact_parts.py`. */

import type { ServerApi } from "./server_api.ts";

/** A run beside what it made; without an id it is not in the store any more. */
export interface RunHead {
  id: string;
  name: string;
  status: string;
  glyph: string;
}

export interface ArtifactRow {
  name: string;
  type: string;
  versions: number;
  newest: number | null;
  size_bytes: number | null;
  created_ms: number | null;
  run: RunHead | null;
  /** Stage or alias, and the version that has it; `latest` is none of them. */
  stages: Record<string, number>;
  aliases: Record<string, number>;
  dropped: number;
  problems: string[];
}

export interface ArtifactPage {
  artifacts: ArtifactRow[];
  n: number;
  total: number;
  offset: number;
  versions: number;
  types: string[];
}

export interface VersionRow {
  version: number;
  type: string;
  size_bytes: number | null;
  files: number | null;
  created_ms: number | null;
  run: RunHead | null;
  /** Why its content may go, or why it could not be read; empty for neither. */
  dropped: string;
  fault: string;
  stages: string[];
  aliases: string[];
}

/** One promotion. */
export interface StageEntry {
  at_ms: number | null;
  stage: string;
  version: number | null;
  was: number | null;
  told: string;
  by: string;
  why: string;
  run: RunHead | null;
}

export interface ArtifactInfo {
  name: string;
  type: string;
  n: number;
  offset: number;
  dropped: number;
  versions: VersionRow[];
  /** Of the newest versions, for who chooses one. */
  numbers: number[];
  stages: Record<string, number>;
  aliases: Record<string, number>;
  history: StageEntry[];
  entries: number;
  problems: string[];
}

export interface FileRow {
  path: string;
  size_bytes: number | null;
  blake3: string;
  uri: string;
}

export interface VersionInfo {
  name: string;
  version: number;
  type: string;
  digest: string;
  created_ms: number | null;
  size_bytes: number;
  aliases: string[];
  stages: string[];
  run: RunHead | null;
  description: string;
  ttl_days: number | null;
  dropped: string;
  metadata: { name: string; value: string }[];
  more_metadata: number;
  n: number;
  offset: number;
  files: FileRow[];
}

export interface SheetInfo {
  title: string;
  footer: string;
  columns: { title: string; right: boolean; cells: string[] }[];
}

export interface Profile {
  tables: SheetInfo[];
  faults: string[];
}

export interface LineageNode {
  kind: string;
  /** Empty for what cannot be opened. */
  id: string;
  title: string;
  about: string;
  fault: string;
  status: string;
  glyph: string;
  old: string;
  is_asked: boolean;
  came_from: string[];
  more: number;
}

export interface Lineage {
  svg: string;
  words: string;
  n: number;
  nodes: LineageNode[];
  users: RunHead[];
  n_users: number;
}

export interface ComparedLine {
  name: string;
  was: string;
  now: string;
  mark: string;
  about: string;
}

export interface ComparedBlock {
  title: string;
  notes: string[];
  lines: ComparedLine[];
  more: number;
}

export interface ComparedSection extends ComparedBlock {
  summary: string;
  blocks: ComparedBlock[];
}

export interface Difference {
  sections: ComparedSection[];
  remarks: string[];
}

export interface Held {
  stages: Record<string, StageEntry | null>;
}

/** Asks for the artifacts of one store. */
export class ArtifactsApi {
  constructor(
    private readonly api: ServerApi,
    private readonly store: string,
  ) {}

  list(text: string, type: string, offset: number, limit: number): Promise<ArtifactPage> {
    return this.ask("", { text, type, offset, limit });
  }

  one(name: string, offset: number, limit: number): Promise<ArtifactInfo> {
    return this.ask(`/${name}`, { offset, limit });
  }

  /** Return which version had which stage at a moment. */
  held(name: string, at: Date): Promise<Held> {
    return this.ask(`/${name}/held`, { at: at.toISOString() });
  }

  version(name: string, version: number, offset: number, limit: number): Promise<VersionInfo> {
    return this.ask(`/${name}/v${version}`, { offset, limit });
  }

  profile(name: string, version: number): Promise<Profile> {
    return this.ask(`/${name}/v${version}/profile`);
  }

  lineage(name: string, version: number): Promise<Lineage> {
    return this.ask(`/${name}/v${version}/lineage`);
  }

  difference(name: string, was: number, now: number): Promise<Difference> {
    return this.ask(`/${name}/v${was}/difference/v${now}`);
  }

  private ask<Answer>(path: string, asked: Record<string, string | number> = {}): Promise<Answer> {
    const query = new URLSearchParams(
      Object.entries(asked).map(([name, value]) => [name, String(value)]),
    );
    const told = query.size > 0 ? `?${query}` : "";
    return this.api.ask(`stores/${this.store}/artifacts${path}${told}`);
  }
}
