using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Diffusion.Build;

/// <summary>
/// Makes internal types and members public by rewriting their accessibility flags in place. No other byte
/// changes, so tokens, signatures and the public key stay those of the original.
/// </summary>
internal static class AssemblyPublicizer
{
    // Where a row of these tables keeps its flags: ECMA-335, II.22.37 (TypeDef), II.22.26 (MethodDef), II.22.15 (Field).
    private const int TypeFlagsOffset = 0;
    private const int MethodFlagsOffset = 6;
    private const int FieldFlagsOffset = 0;

    // The accessibility is the lowest three bits of the flags in all three tables.
    private const int AccessMask = 0x7;

    /// <summary>Rewrites the assembly in <paramref name="image"/>.</summary>
    public static void Publicize(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image, writable: false));
        var metadata = reader.GetMetadataReader();
        int start = reader.PEHeaders.MetadataStartOffset;

        foreach (var flags in Column(TableIndex.TypeDef, TypeFlagsOffset))
        {
            flags[0] = WithAccess(flags[0], WidenType((TypeAttributes)(flags[0] & AccessMask)));
        }

        foreach (var flags in Column(TableIndex.MethodDef, MethodFlagsOffset))
        {
            flags[0] = WithAccess(flags[0], WidenMember((MethodAttributes)(flags[0] & AccessMask)));
        }

        // FieldAttributes numbers its access levels as MethodAttributes does.
        foreach (var flags in Column(TableIndex.Field, FieldFlagsOffset))
        {
            flags[0] = WithAccess(flags[0], WidenMember((MethodAttributes)(flags[0] & AccessMask)));
        }

        IEnumerable<ArraySegment<byte>> Column(TableIndex table, int columnOffset)
        {
            int first = start + metadata.GetTableMetadataOffset(table);
            int rowSize = metadata.GetTableRowSize(table);
            int rows = metadata.GetTableRowCount(table);
            for (int row = 0; row < rows; row++)
            {
                yield return new ArraySegment<byte>(image, first + (row * rowSize) + columnOffset, 1);
            }
        }
    }

    private static byte WithAccess(byte flags, int access) => (byte)((flags & ~AccessMask) | access);

    private static int WidenType(TypeAttributes access) => (int)(access switch
    {
        TypeAttributes.NotPublic => TypeAttributes.Public,
        TypeAttributes.NestedAssembly or TypeAttributes.NestedFamANDAssem => TypeAttributes.NestedPublic,
        _ => access,
    });

    // "private protected" becomes "protected", not public: overriding it from outside must stay an override.
    private static int WidenMember(MethodAttributes access) => (int)(access switch
    {
        MethodAttributes.Assembly => MethodAttributes.Public,
        MethodAttributes.FamANDAssem => MethodAttributes.Family,
        _ => access,
    });
}
