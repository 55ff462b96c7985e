/** What the runner is built from. Nothing of it is in this repository. */
export interface PinnedSource {
  /** Also the folder it is unpacked to, and the one looked for in a folder of unpacked sources. */
  readonly name: string;
  /** Any of these does; the first that can be had is taken. */
  readonly archives: readonly PinnedArchive[];
}

/** One file of known content. */
export interface PinnedArchive {
  readonly version: string;
  readonly digest: `${'sha256' | 'sha512'}:${string}`;
  readonly from: DebianPool | Upstream;
}

/** Of the pool of a Debian archive, below its `pool/main/`. */
export interface DebianPool {
  readonly pool: string;
}

export interface Upstream {
  readonly url: string;
}

/**
 * Debian's archives hold what upstream published at that commit. Upstream's own are pinned as others have
 * published their digests: those of cpuinfo, pthreadpool and FXdiv are the ones that XNNPACK's cmake/Download*.cmake
 * asks for at this commit, that of XNNPACK itself (a SHA-512) is in Gentoo's Manifest of sci-ml/XNNPACK-2024.11.08;
 * nlohmann/json is one file for both.
 */
export const PINNED_SOURCES: readonly PinnedSource[] = [
  {
    name: 'xnnpack',
    archives: [
      {
        version: '20241108.4ea82e5',
        digest: 'sha256:90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99',
        from: { pool: 'x/xnnpack/xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz' },
      },
      {
        version: '20241108.4ea82e5',
        digest:
          'sha512:b9e711e1c69a24e347f64ee21c60a609bff25e36153216382acd3d431e466b127eea81b1d80f00f84699a426c44f8a3566d9b95d0e87079c34f527e05c2db787',
        from: {
          url: 'https://github.com/google/XNNPACK/archive/4ea82e595b36106653175dcb04b2aa532660d0d8.tar.gz',
        },
      },
    ],
  },
  {
    name: 'cpuinfo',
    archives: [
      {
        version: '20250905.877328f',
        digest: 'sha256:557ca404a3836b9f335a3a06b65ff9fe9dbaaefab7fb5c0185f53d9f33615a10',
        from: { pool: 'c/cpuinfo/cpuinfo_0.0~git20250905.877328f.orig.tar.xz' },
      },
      {
        version: '20250327.39ea79a',
        digest: 'sha256:2a10028948f7f0663c56cc34405484391ee3d7ccdf09fe51d73897937b99d9d4',
        from: { pool: 'c/cpuinfo/cpuinfo_0.0~git20250327.39ea79a.orig.tar.xz' },
      },
      {
        version: 'dff2616',
        digest: 'sha256:a57f2b93704fe49ad37fa3ef5ce8208443d6b589b89653341332bcf51aa6dde3',
        from: {
          url: 'https://github.com/pytorch/cpuinfo/archive/dff2616ddd49122b63abcf44d2c097483b77f861.zip',
        },
      },
    ],
  },
  {
    name: 'pthreadpool',
    archives: [
      {
        version: '20240616.560c60d',
        digest: 'sha256:4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708',
        from: { pool: 'p/pthreadpool/pthreadpool_0.0~git20240616.560c60d.orig.tar.xz' },
      },
      {
        version: '4fe0e1e',
        digest: 'sha256:a4cf06de57bfdf8d7b537c61f1c3071bce74e57524fe053e0bbd2332feca7f95',
        from: {
          url: 'https://github.com/Maratyszcza/pthreadpool/archive/4fe0e1e183925bf8cfa6aae24237e724a96479b8.zip',
        },
      },
    ],
  },
  {
    name: 'fxdiv',
    archives: [
      {
        version: '20200417.b408327',
        digest: 'sha256:7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b',
        from: { pool: 'f/fxdiv/fxdiv_0.0~git20200417.b408327.orig.tar.xz' },
      },
      {
        version: '20200417.b408327',
        digest: 'sha256:ab7dfb08829bee33dca38405d647868fb214ac685e379ec7ef2bebcd234cd44d',
        from: {
          url: 'https://github.com/Maratyszcza/FXdiv/archive/b408327ac2a15ec3e43352421954f5b1967701d1.zip',
        },
      },
    ],
  },
  {
    name: 'json',
    archives: [
      {
        version: '3.11.3',
        digest: 'sha256:0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406',
        from: { pool: 'n/nlohmann-json3/nlohmann-json3_3.11.3.orig.tar.gz' },
      },
      {
        version: '3.11.3',
        digest: 'sha256:0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406',
        from: { url: 'https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz' },
      },
    ],
  },
];
