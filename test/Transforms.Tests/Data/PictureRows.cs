using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Reads what a view of pictures holds.</summary>
internal static class PictureRows
{
    public static string[] Labels(IDataView data) => [.. data.GetColumn<ReadOnlyMemory<char>>("Label").Select(label => label.ToString())];

    public static float[][] Pixels(IDataView data) => [.. data.GetColumn<float[]>("Pixels")];

    public static int[] Dimensions(IDataView data) => [.. ((VectorDataViewType)data.Schema["Pixels"].Type).Dimensions];
}
