' The snippet of README.md in Visual Basic.
'   dotnet run -c Release --project docs/samples/FirstModel.VisualBasic [-- MINUTES]
Imports System.Globalization
Imports Microsoft.ML
Imports Microsoft.ML.Diffusion
Imports Microsoft.ML.Diffusion.Trainers

Friend Module Program
    Friend Sub Main(arguments As String())
        Dim minutes = If(arguments.Length > 0, Double.Parse(arguments(0), CultureInfo.InvariantCulture), 15.0)

        Dim ml = New MLContext(seed:=1)
        Dim d = ml.Diffusion()

        Dim photos = d.Data.LoadImages("photos", width:=32, height:=32)
        Dim options = New DenoiserTrainer.Options With {.TimeBudget = TimeSpan.FromMinutes(minutes)}
        Dim pipeline = ml.Transforms.Conversion.MapValueToKey("Label").
            Append(d.Transforms.NoiseSchedule("Pixels")).
            Append(d.Trainers.Denoiser("Pixels", conditionColumn:="Label", options:=options)).
            Append(d.Transforms.ClassifierFreeGuidance(scale:=2)).
            Append(d.Transforms.Sampler("Sample"))
        d.SaveGenerator(pipeline.Fit(photos), "model.zip")

        Dim schema As DataViewSchema = Nothing
        Dim model = ml.Model.Load("model.zip", schema)
        Dim labels = {"cat", "dog"}
        Dim samples = model.Transform(d.Data.Rows("Label", labels, countPerValue:=8))
        d.Images.SaveGrid(samples, "Sample", "samples.png")
    End Sub
End Module
