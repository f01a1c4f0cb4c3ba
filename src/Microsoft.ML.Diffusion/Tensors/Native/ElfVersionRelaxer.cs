namespace Microsoft.ML.Diffusion;

/// <summary>
/// Makes TorchSharp's bridge library loadable where libstdc++ is older than the one it was linked with
/// (Debian 12, Ubuntu 22.04, RHEL 9).
/// </summary>
/// <remarks>
/// The bridge asks for version <c>GLIBCXX_3.4.32</c>, but the only symbol bound to it is a marker which newer compilers put
/// into every object that includes &lt;iostream&gt;, and which nothing calls. Marking the requirement as weak
/// (VER_FLG_WEAK, Linux Standard Base, "Symbol Versioning") tells the loader to go on without it.
/// </remarks>
internal static class ElfVersionRelaxer
{
    private const uint SectionDynamicSymbols = 11;          // SHT_DYNSYM
    private const uint SectionVersionNeeds = 0x6ffffffe;    // SHT_GNU_verneed
    private const uint SectionSymbolVersions = 0x6fffffff;  // SHT_GNU_versym
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int VersionRecordSize = 16;
    private const byte VersionFlagWeak = 2;                 // VER_FLG_WEAK

    private static ReadOnlySpan<byte> VersionName => "GLIBCXX_3.4.32"u8;

    private static ReadOnlySpan<byte> MarkerName => "_ZSt21ios_base_library_initv"u8;

    /// <summary>
    /// Relaxes the 64-bit ELF library in <paramref name="image"/>. An image that is not fully understood, needs no relaxing, or binds
    /// a real symbol to the version stays as it is.
    /// </summary>
    /// <returns>Whether the image was changed.</returns>
    public static bool TryRelax(Span<byte> image)
    {
        var reader = new ElfReader(image);
        if (!image.StartsWith("\u007fELF\u0002\u0001"u8))   // 64-bit, little-endian
            return false;

        var sections = Sections.Find(ref reader);
        ulong flags = FindVersion(ref reader, sections, image.Length / VersionRecordSize);
        if (flags == 0 || !OnlyMarkerNeeds(ref reader, sections, version: reader.UInt16(flags + 2)) || reader.IsBroken)
            return false;

        image[(int)flags] |= VersionFlagWeak;
        return true;
    }

    /// <summary>Walks the requirements (Elf64_Verneed, Elf64_Vernaux); gives the offset of the flags of the one to relax, or 0.</summary>
    private static ulong FindVersion(ref ElfReader reader, Sections sections, int limit)
    {
        uint nextFile, nextVersion;
        for (ulong file = sections.VersionNeeds; file != 0; file = nextFile == 0 ? 0 : file + nextFile)
        {
            for (ulong version = file + reader.UInt32(file + 8); ; version += nextVersion)
            {
                // Offsets only grow, but in a crafted image slowly: no honest one has more records than fit into it.
                if (reader.IsBroken || limit-- == 0)
                    return 0;

                ulong flags = version + 4;
                bool isWeak = (reader.UInt16(flags) & VersionFlagWeak) != 0;
                if (!isWeak && reader.TextIs(sections.VersionNames + reader.UInt32(version + 8), VersionName))
                    return flags;

                nextVersion = reader.UInt32(version + 12);
                if (nextVersion == 0)
                    break;
            }

            nextFile = reader.UInt32(file + 12);
        }

        return 0;
    }

    private static bool OnlyMarkerNeeds(ref ElfReader reader, Sections sections, ushort version)
    {
        for (ulong symbol = 0; symbol < sections.SymbolCount; symbol++)
        {
            ushort needed = (ushort)(reader.UInt16(sections.SymbolVersions + (symbol * 2)) & 0x7fff);   // the top bit means hidden
            ulong name = sections.SymbolNames + reader.UInt32(sections.Symbols + (symbol * SymbolSize));
            if (reader.IsBroken || (needed == version && !reader.TextIs(name, MarkerName)))
                return false;
        }

        return sections.SymbolCount > 0;
    }

    /// <summary>File offsets of the sections that take part; 0 where a section is absent.</summary>
    private readonly record struct Sections(
        ulong VersionNeeds, ulong VersionNames, ulong SymbolVersions, ulong Symbols, ulong SymbolNames, ulong SymbolCount)
    {
        public static Sections Find(ref ElfReader reader)
        {
            ulong table = reader.UInt64(0x28);
            ushort size = reader.UInt16(0x3a);
            ushort count = size < SectionHeaderSize ? (ushort)0 : reader.UInt16(0x3c);
            var found = default(Sections);

            for (ushort index = 0; index < count && !reader.IsBroken; index++)
            {
                ulong header = table + ((ulong)index * size);
                ulong offset = reader.UInt64(header + 24);
                ulong linked = reader.UInt64(table + (reader.UInt32(header + 40) * (ulong)size) + 24);
                found = reader.UInt32(header + 4) switch
                {
                    SectionVersionNeeds => found with { VersionNeeds = offset, VersionNames = linked },
                    SectionSymbolVersions => found with { SymbolVersions = offset },
                    SectionDynamicSymbols => found with
                    {
                        Symbols = offset,
                        SymbolNames = linked,
                        SymbolCount = reader.UInt64(header + 32) / SymbolSize,
                    },
                    _ => found,
                };
            }

            return found;
        }
    }
}
