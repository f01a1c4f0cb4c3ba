using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The names of the columns of a view of pictures.</summary>
/// <param name="Label">Text.</param>
/// <param name="Pixels">Vector of Single, [C, H, W].</param>
/// <param name="Path">Text; null when the pictures have no files of their own.</param>
internal sealed record PictureColumns(string Label, string Pixels, string? Path)
{
    public DataViewSchema ToSchema(DataShape shape)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(Label, TextDataViewType.Instance);
        if (Path is not null)
            builder.AddColumn(Path, TextDataViewType.Instance);
        builder.AddColumn(Pixels, new VectorDataViewType(NumberDataViewType.Single, shape.Dimensions.ToArray()));
        return builder.ToSchema();
    }
}
